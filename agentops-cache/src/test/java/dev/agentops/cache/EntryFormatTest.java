package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.TestClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntryFormatTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final int MAXIMUM = 100_000;

  private final TestClock clock = TestClock.create();
  private final EntryFormat<String> format = new EntryFormat<>(Codec.utf8(), MAXIMUM, 1_000, clock);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1_000, 1_001, MAXIMUM})
  void repetitiveText_roundTrip_andSmallerAboveTheLimit(int size) throws Exception {
    String text = "ab".repeat(size / 2) + "c".repeat(size % 2);
    byte[] bytes = seal(text).bytes();
    assertThat(format.open(bytes).value()).isEqualTo(text);
    if (size > 1_000) {
      assertThat(bytes.length).isLessThan(size / 2);
    } else {
      assertThat(bytes.length).isGreaterThanOrEqualTo(size);
    }
  }

  @Test
  void randomBytes_areNotBlownUp() throws Exception {
    byte[] random = new byte[50_000];
    new Random(3).nextBytes(random);
    EntryFormat<byte[]> format = new EntryFormat<>(Codec.bytes(), MAXIMUM, 1_000, clock);
    byte[] sealed = format.seal(random, Set.of(), HOUR, HOUR).bytes();
    assertThat(sealed.length).isLessThan(random.length + 100);
    assertThat(format.open(sealed).value()).isEqualTo(random);
  }

  @Test
  void tooLarge_noBytes() throws Exception {
    assertThat(seal("x".repeat(MAXIMUM)).tooLarge()).isFalse();
    assertThat(seal("x".repeat(MAXIMUM + 1)).tooLarge()).isTrue();
  }

  @Test
  void bomb_isRefusedBeforeItIsInflated() throws Exception {
    EntryFormat<String> generous = new EntryFormat<>(Codec.utf8(), 50_000_000, 1_000, clock);
    byte[] bomb = generous.seal("x".repeat(40_000_000), Set.of(), HOUR, HOUR).bytes();
    assertThat(bomb.length).isLessThan(400_000);
    assertThatThrownBy(() -> format.open(bomb))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("40000000");
    // one that says it is small
    assertThatThrownBy(() -> Deflate.decompress(Deflate.compress(new byte[1_000_000]), 10, MAXIMUM))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Deflate.decompress(Deflate.compress(new byte[1_000]), 1_001, MAXIMUM))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Deflate.decompress(new byte[] {1, 2, 3}, 10, MAXIMUM))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Deflate.decompress(new byte[0], -1, MAXIMUM))
        .isInstanceOf(IOException.class);
  }

  @Test
  void anyByteChangedOrMissing_neverAValue() throws Exception {
    byte[] whole = format.seal("text", Set.of("a", "b"), HOUR, HOUR).bytes();
    for (int i = 0; i < whole.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] damaged = whole.clone();
        damaged[i] ^= (byte) (1 << bit);
        assertNoValue(damaged);
      }
      byte[] cut = new byte[i];
      System.arraycopy(whole, 0, cut, 0, i);
      assertNoValue(cut);
    }
  }

  @Test
  void otherVersionOrShape_isAMiss() throws Exception {
    byte[] whole = seal("text").bytes();
    assertThat(new EntryFormat<>(Codec.bytes(), MAXIMUM, 1_000, clock).open(whole)).isNull();
    byte[] next = whole.clone();
    next[3]++;
    assertThat(format.open(next)).isNull();
    byte[] first = ByteBuffer.allocate(40).putInt(0x414F4301).array();
    assertThat(format.open(first)).isNull();
  }

  @Test
  void absent_isFoundAsSuch() throws Exception {
    Found<String> found = format.open(format.seal(null, Set.of("t"), HOUR, HOUR).bytes());
    assertThat(found.absent()).isTrue();
    assertThat(found.value()).isNull();
    assertThat(found.tags()).containsExactly("t");
    assertThat(format.open(seal("").bytes()).absent()).isFalse();
  }

  @Test
  void timeOver_staleForItsWindow_thenNothing() throws Exception {
    byte[] bytes = format.seal("v", Set.of(), HOUR, Duration.ofMinutes(10)).bytes();
    clock.advance(HOUR.minusMillis(1));
    assertThat(format.open(bytes).stale()).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(format.open(bytes).stale()).isTrue();
    assertThat(format.open(bytes).keepFor()).isEqualTo(Duration.ofMinutes(10));
    clock.advance(Duration.ofMinutes(10));
    assertThat(format.open(bytes)).isNull();
  }

  @Test
  void clockBack_neverLongerThanMeant_andForeverIsLong() throws Exception {
    byte[] bytes = seal("v").bytes();
    clock.setWallTime(clock.now().minus(Duration.ofDays(1)));
    assertThat(format.open(bytes).remaining()).isEqualTo(HOUR);
    assertThat(format.open(bytes).age()).isZero();
    Duration forever = ChronoUnit.FOREVER.getDuration();
    SealedEntry long1 = format.seal("v", Set.of(), forever, forever);
    assertThat(long1.keepFor()).isGreaterThan(Duration.ofDays(36_500));
    assertThat(format.open(long1.bytes()).value()).isEqualTo("v");
    SealedEntry short1 = format.seal("v", Set.of(), Duration.ofNanos(1), Duration.ZERO);
    assertThat(short1.keepFor()).isEqualTo(Duration.ofMillis(1));
  }

  private void assertNoValue(byte[] bytes) {
    Found<String> found = null;
    try {
      found = format.open(bytes);
    } catch (Exception e) {
      assertThat(e).isInstanceOf(IOException.class);
    }
    assertThat(found).isNull();
  }

  private SealedEntry seal(String text) throws Exception {
    return format.seal(text, Set.of(), HOUR, Duration.ZERO);
  }
}
