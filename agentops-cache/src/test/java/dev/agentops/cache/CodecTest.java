package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.CharacterCodingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CodecTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "naïve 键 \uD83D\uDE00", "line\nline\u0000"})
  void utf8_roundTrip(String text) throws Exception {
    assertThat(Codec.utf8().decode(Codec.utf8().encode(text))).isEqualTo(text);
  }

  @Test
  void utf8_malformed_throws() {
    assertThatThrownBy(() -> Codec.utf8().decode(new byte[] {(byte) 0xC3, 0x28}))
        .isInstanceOf(CharacterCodingException.class);
    assertThatThrownBy(() -> Codec.utf8().encode("half \uD83D"))
        .isInstanceOf(CharacterCodingException.class);
  }

  @Test
  void bytes_roundTrip() throws Exception {
    byte[] bytes = {0, 1, -1};
    assertThat(Codec.bytes().decode(Codec.bytes().encode(bytes))).containsExactly(0, 1, -1);
  }
}
