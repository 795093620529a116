package dev.agentops.cache;

import dev.agentops.Context;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a caller wants: a key's value, by a loader if need be.
 *
 * @param key as the levels know it
 * @param loader already bound to the caller's key; never gives null
 * @param mayBeAbsent whether it is an answer that there is no value
 * @param context the caller's
 */
record Request<V>(String key, Supplier<Loaded<V>> loader, boolean mayBeAbsent, Context context) {

  boolean accepts(@Nullable V value) {
    return value != null || mayBeAbsent;
  }
}
