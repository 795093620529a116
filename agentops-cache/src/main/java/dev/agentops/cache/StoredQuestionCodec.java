package dev.agentops.cache;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** The bytes of a question, its vector and its answer. Thread-safe if the answer's codec is. */
final class StoredQuestionCodec<V> implements Codec<StoredQuestion<V>> {

  private final Codec<V> answers;

  StoredQuestionCodec(Codec<V> answers) {
    this.answers = answers;
  }

  @Override
  public String id() {
    return "semantic 1, " + answers.id();
  }

  @Override
  public byte[] encode(StoredQuestion<V> question) throws IOException {
    byte[][] parts = {
      utf8(question.partition().scope()),
      utf8(question.partition().context()),
      utf8(question.text()),
      utf8(question.vector().space()),
      floats(question.vector().values()),
      answers.encode(question.value())
    };
    long size = 0;
    for (byte[] part : parts) {
      size += Integer.BYTES + part.length;
    }
    ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(size));
    for (byte[] part : parts) {
      out.putInt(part.length).put(part);
    }
    return out.array();
  }

  @Override
  public StoredQuestion<V> decode(byte[] bytes) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      SemanticPartition partition = SemanticPartition.of(text(in), text(in));
      String text = text(in);
      SemanticVector vector = new SemanticVector(text(in), floats(in));
      V value = answers.decode(part(in));
      if (in.hasRemaining()) {
        throw new IOException(in.remaining() + " bytes too many");
      }
      return new StoredQuestion<>(partition, text, vector, value);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new IOException("not an answered question", e);
    }
  }

  private static byte[] utf8(String text) throws IOException {
    return Codec.utf8().encode(text);
  }

  private static String text(ByteBuffer in) throws IOException {
    return Codec.utf8().decode(part(in));
  }

  private static byte[] part(ByteBuffer in) throws IOException {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IOException("a part of " + length + " bytes where there are " + in.remaining());
    }
    byte[] part = new byte[length];
    in.get(part);
    return part;
  }

  private static byte[] floats(float[] values) {
    ByteBuffer out = ByteBuffer.allocate(Float.BYTES * values.length);
    out.asFloatBuffer().put(values);
    return out.array();
  }

  private static float[] floats(ByteBuffer in) throws IOException {
    byte[] part = part(in);
    float[] values = new float[part.length / Float.BYTES];
    ByteBuffer.wrap(part).asFloatBuffer().get(values);
    TextVectors.checkLength(values);
    return values;
  }
}
