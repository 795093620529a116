package dev.agentops.cache;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A value's bytes as they lie in a store, with what has to be known of them.
 *
 * <pre>
 * 3 bytes  "AOC"
 * 1        version of this layout
 * 4        CRC-32C of all that follows
 * 4        bytes of the whole envelope
 * 8        shape: which codec made the payload
 * 1        flags: 1 compressed, 2 absent
 * 8        written at, in milliseconds since 1970
 * 8        fresh for, in milliseconds
 * 8        stale for after that, in milliseconds
 * 4        bytes of the payload before compression
 * 2        number of tags, each 2 bytes of length and UTF-8
 * rest     payload
 * </pre>
 *
 * <p>Under a key there may be several, one after the other: one for each shape, as in a rolling
 * deploy.
 *
 * <p>The reader's clock says how much of the times to live is over since the time of writing. Where
 * the writer's clock is ahead of it, an entry may live for longer than its writer meant, by as much
 * and by one more time to live at most.
 *
 * @param payload as the codec made it; empty where it is known that there is no value
 */
record Envelope(
    long shape,
    boolean absent,
    Instant writtenAt,
    Duration freshFor,
    Duration staleFor,
    Set<String> tags,
    byte[] payload) {

  private static final int NAME = 0x414F43; // "AOC"
  private static final int VERSION = 3;
  private static final int MARK = NAME << 8 | VERSION;
  private static final int CHECKED_FROM = 2 * Integer.BYTES;
  private static final int FIXED_BYTES =
      CHECKED_FROM + 4 * Long.BYTES + Byte.BYTES + 2 * Integer.BYTES + Short.BYTES;
  private static final int COMPRESSED = 1;
  private static final int ABSENT = 2;
  private static final int MOST_TAGS = 0xFFFF;

  /** More than a century: sums of two do not overflow, and an instant takes them. */
  private static final long FOREVER_MILLIS = 1L << 42;

  /**
   * The envelope in these bytes, or null where a codec of another shape or a layout of another
   * version made them.
   *
   * @param maximumPayload the most bytes that a compressed payload may become
   * @throws IOException if they are not what {@link #seal} makes
   */
  static @Nullable Envelope open(byte[] bytes, long shape, long maximumPayload) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(bytes);
    do {
      ByteBuffer next = next(all);
      if (next == null) {
        return null;
      }
      if (next.getLong() == shape) {
        return open(next, shape, maximumPayload);
      }
    } while (all.hasRemaining());
    return null;
  }

  /**
   * Those envelopes in these bytes that are of other shapes, and whose time is not over.
   *
   * @throws IOException if these are not bytes of a cache
   */
  static List<SealedEntry> besides(byte[] bytes, long shape, Instant now) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(bytes);
    List<SealedEntry> others = new ArrayList<>();
    do {
      int from = all.position();
      ByteBuffer next = next(all);
      if (next == null) {
        return others;
      }
      long its = next.getLong();
      if (its != shape) {
        Envelope other = open(next, its, 0);
        Duration left = other.keepFor().minus(other.age(now));
        if (!left.isZero() && !left.isNegative()) {
          byte[] whole = Arrays.copyOfRange(bytes, from, all.position());
          others.add(new SealedEntry(whole, left, other.tags));
        }
      }
    } while (all.hasRemaining());
    return others;
  }

  /** The next envelope, from its shape on; null where its layout is of another version. */
  private static @Nullable ByteBuffer next(ByteBuffer all) throws IOException {
    int from = all.position();
    byte[] bytes = all.array();
    if (all.remaining() < Integer.BYTES || all.getInt(from) >>> Byte.SIZE != NAME) {
      throw new IOException("not bytes of this cache");
    }
    if (all.getInt() != MARK) {
      return null;
    }
    if (all.remaining() < FIXED_BYTES - Integer.BYTES) {
      throw new IOException("damaged bytes");
    }
    int checksum = all.getInt();
    int length = all.getInt();
    if (length < FIXED_BYTES
        || length > bytes.length - from
        || checksum != checksum(bytes, from, length)) {
      throw new IOException("damaged bytes");
    }
    ByteBuffer next = ByteBuffer.wrap(bytes, all.position(), from + length - all.position());
    all.position(from + length);
    return next;
  }

  /**
   * What follows the shape.
   *
   * @param maximumPayload zero if a compressed payload is not to be decompressed
   */
  private static Envelope open(ByteBuffer in, long shape, long maximumPayload) throws IOException {
    try {
      int flags = in.get();
      Instant writtenAt = Instant.ofEpochMilli(in.getLong());
      Duration freshFor = duration(in.getLong());
      Duration staleFor = duration(in.getLong());
      int length = in.getInt();
      Set<String> tags = readTags(in);
      byte[] payload = new byte[in.remaining()];
      in.get(payload);
      if ((flags & COMPRESSED) != 0 && maximumPayload > 0) {
        payload = Deflate.decompress(payload, length, maximumPayload);
      }
      return new Envelope(
          shape, (flags & ABSENT) != 0, writtenAt, freshFor, staleFor, tags, payload);
    } catch (BufferUnderflowException e) {
      throw new IOException("damaged bytes", e);
    }
  }

  /**
   * The bytes for a store.
   *
   * @param compressAbove the size in bytes above which a payload is compressed, if that helps
   */
  byte[] seal(long compressAbove) {
    byte[] body = payload.length > compressAbove ? Deflate.compress(payload) : payload;
    boolean compressed = body.length < payload.length;
    if (!compressed) {
      body = payload;
    }
    byte[] tagBytes = writeTags();
    ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + tagBytes.length + body.length);
    out.putInt(MARK)
        .putInt(0)
        .putInt(out.capacity())
        .putLong(shape)
        .put((byte) ((compressed ? COMPRESSED : 0) | (absent ? ABSENT : 0)))
        .putLong(writtenAt.toEpochMilli())
        .putLong(millis(freshFor))
        .putLong(millis(staleFor))
        .putInt(payload.length)
        .putShort((short) tags.size())
        .put(tagBytes)
        .put(body);
    byte[] bytes = out.array();
    out.putInt(Integer.BYTES, checksum(bytes, 0, bytes.length));
    return bytes;
  }

  /** Since it was written; zero where the writer's clock is ahead of ours. */
  Duration age(Instant now) {
    Duration age = Duration.between(writtenAt, now);
    return age.isNegative() ? Duration.ZERO : age;
  }

  /** For how long a store is to keep it from its writing on. */
  Duration keepFor() {
    return duration(millis(freshFor) + millis(staleFor));
  }

  private byte[] writeTags() {
    if (tags.size() > MOST_TAGS) {
      throw new IllegalArgumentException("too many tags: " + tags.size());
    }
    byte[][] encoded = new byte[tags.size()][];
    int size = 0;
    int i = 0;
    for (String tag : tags) {
      encoded[i] = tag.getBytes(StandardCharsets.UTF_8);
      if (encoded[i].length > MOST_TAGS) {
        throw new IllegalArgumentException("a tag is too long: " + encoded[i].length + " bytes");
      }
      size += Short.BYTES + encoded[i++].length;
    }
    ByteBuffer out = ByteBuffer.allocate(size);
    for (byte[] tag : encoded) {
      out.putShort((short) tag.length).put(tag);
    }
    return out.array();
  }

  private static Set<String> readTags(ByteBuffer in) {
    int count = Short.toUnsignedInt(in.getShort());
    if (count == 0) {
      return Set.of();
    }
    Set<String> tags = new LinkedHashSet<>();
    for (int i = 0; i < count; i++) {
      byte[] tag = new byte[Math.min(Short.toUnsignedInt(in.getShort()), in.remaining())];
      in.get(tag);
      tags.add(new String(tag, StandardCharsets.UTF_8));
    }
    return Set.copyOf(tags);
  }

  private static int checksum(byte[] bytes, int from, int length) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, from + CHECKED_FROM, length - CHECKED_FROM);
    return (int) sum.getValue();
  }

  private static Duration duration(long millis) {
    return Duration.ofMillis(Math.max(0, Math.min(millis, 2 * FOREVER_MILLIS)));
  }

  private static long millis(Duration duration) {
    if (duration.isZero()) {
      return 0;
    }
    return duration.compareTo(Duration.ofMillis(FOREVER_MILLIS)) < 0
        ? Math.max(1, duration.toMillis())
        : FOREVER_MILLIS;
  }
}
