package dev.agentops.cache;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Vectors as four bytes a number, the high byte first. */
final class EmbeddingCodec implements Codec<float[]> {

  @Override
  public byte[] encode(float[] vector) {
    ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES);
    bytes.asFloatBuffer().put(vector);
    return bytes.array();
  }

  @Override
  public float[] decode(byte[] bytes) throws IOException {
    if (bytes.length == 0 || bytes.length % Float.BYTES != 0) {
      throw new IOException("not a vector: " + bytes.length + " bytes");
    }
    float[] vector = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).asFloatBuffer().get(vector);
    return vector;
  }
}
