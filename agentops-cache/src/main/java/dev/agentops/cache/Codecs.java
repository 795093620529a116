package dev.agentops.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/** The codecs that need no library. */
final class Codecs {

  static final Codec<String> UTF_8 = new Utf8();
  static final Codec<byte[]> BYTES = new Bytes();

  private Codecs() {}

  /** Strict both ways, where {@code String}'s own methods would put question marks. */
  private static final class Utf8 implements Codec<String> {

    @Override
    public byte[] encode(String value) throws IOException {
      ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    }

    @Override
    public String decode(byte[] bytes) throws IOException {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }
  }

  private static final class Bytes implements Codec<byte[]> {

    @Override
    public byte[] encode(byte[] value) {
      return value;
    }

    @Override
    public byte[] decode(byte[] bytes) {
      return bytes;
    }
  }
}
