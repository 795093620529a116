package dev.agentops.cache;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A {@link CacheStore} that lets one of all processes load a key while the others wait.
 *
 * <p>A lease ends by itself unless it is renewed, so that another process takes over from one that
 * dies. It is <em>fenced</em>: what is put with a lease that has ended, or whose key was written or
 * deleted meanwhile, is not kept. Implementations are thread-safe.
 */
public interface LeasingCacheStore extends CacheStore {

  /**
   * The bytes of a key or, where there are none, the right to load it.
   *
   * @param token of the lease, if it is granted: nobody else has it, and who does not hear the
   *     answer can {@linkplain #release release} it all the same
   * @param lease how long the right lasts unless it is {@linkplain #renew renewed}
   */
  Claim claim(String key, String token, Duration lease);

  /** The same with a new token. */
  default Claim claim(String key, Duration lease) {
    return claim(key, UUID.randomUUID().toString(), lease);
  }

  /** Lets a lease last this much longer from now on; false if it has ended. */
  boolean renew(String key, String token, Duration lease);

  /** As {@link #put}, and ends the lease; false, and nothing is kept, if it has ended before. */
  boolean putAndRelease(
      String key, String token, byte[] value, Duration timeToLive, Set<String> tags);

  /** Ends a lease without a value; without effect if it has ended. */
  void release(String key, String token);

  /**
   * What a process got that asked for a key.
   *
   * @param value the bytes, if the key was there
   * @param token of the lease, if this process is to load it
   * @param retryAfter how long the lease of another process lasts yet; positive where neither of
   *     the others is there, else zero
   */
  record Claim(Optional<byte[]> value, Optional<String> token, Duration retryAfter) {

    /** The key is there. */
    public static Claim found(byte[] value) {
      return new Claim(Optional.of(value), Optional.empty(), Duration.ZERO);
    }

    /** The caller loads. */
    public static Claim granted(String token) {
      return new Claim(Optional.empty(), Optional.of(token), Duration.ZERO);
    }

    /** Somebody else loads. */
    public static Claim held(Duration retryAfter) {
      return new Claim(Optional.empty(), Optional.empty(), retryAfter);
    }
  }
}
