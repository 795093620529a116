package dev.agentops.cache;

import dev.agentops.CachedAnswer;
import dev.agentops.ChatInterceptor;
import dev.agentops.Key;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.cache.CallsUnderWay.Role;
import dev.agentops.cache.CallsUnderWay.Slot;
import dev.agentops.event.CacheEvent;
import dev.agentops.event.CallStatus;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers model calls from a {@link ResponseCache}, streaming ones too, and keeps the answers it
 * did not have.
 *
 * <p>Place it after what must see every call (tracing) and before what a hit must not use up
 * (limits, budgets) and what knows what an answer costs. A stream is replayed in the chunks in
 * which its answer came; an answer that did not come as a stream is cut between words. Each call
 * publishes one {@link CacheEvent} and counts as one lookup. An answer that another interceptor
 * gave is not kept. Thread-safe.
 */
public final class CachingInterceptor implements ChatInterceptor {

  private final ResponseCache cache;
  private final Key<Place> placeKey = Key.of("place in a cache");

  private CachingInterceptor(ResponseCache cache) {
    this.cache = cache;
  }

  public static CachingInterceptor of(ResponseCache cache) {
    return new CachingInterceptor(Objects.requireNonNull(cache, "cache"));
  }

  @Override
  public @Nullable ChatResponse before(ModelCall call) {
    CacheControl control = CacheControl.of(call);
    Slot slot = control == CacheControl.BYPASS ? null : cache.slot(call);
    if (slot == null) {
      publish(call, CacheEvent.Type.BYPASS);
      return null;
    }
    if (control == CacheControl.REFRESH) {
      call.put(placeKey, new Place(slot, cache.underWay().overtake(slot, call)));
      publish(call, CacheEvent.Type.REFRESH);
      return null;
    }
    Place earlier = call.get(placeKey); // what it followed has come to nothing
    if (earlier != null) {
      slot = slot.since(earlier.slot);
    }
    Optional<CacheHit<KeptAnswer>> hit = earlier == null ? cache.find(slot) : Optional.empty();
    Role role = hit.isPresent() ? Role.ALONE : cache.underWay().enter(slot, call);
    call.put(placeKey, new Place(slot, role));
    if (hit.isEmpty() && role != Role.FOLLOWER) {
      hit = cache.findAgain(slot);
    }
    if (hit.isPresent()) {
      return give(call, hit.get());
    }
    if (role != Role.FOLLOWER) {
      publish(call, CacheEvent.Type.MISS);
    }
    return null;
  }

  @Override
  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
    Place place = call.get(placeKey);
    if (place == null) {
      return;
    }
    ChatResponse response = outcome.response();
    try {
      if (response != null && outcome.status() == CallStatus.OK && !outcome.shortCircuited()) {
        cache.offer(place.slot, call, response);
      }
    } finally {
      if (place.role == Role.LEADER) {
        cache.underWay().leave(place.slot, call);
      }
    }
    CachedAnswer answer = call.cachedAnswer();
    if (answer != null && (place.hit || place.role == Role.FOLLOWER)) {
      cache.saved(answer);
    }
    if (place.role == Role.FOLLOWER) {
      boolean failed =
          outcome.status() == CallStatus.ERROR || outcome.status() == CallStatus.REJECTED;
      publish(call, failed ? CacheEvent.Type.MISS : CacheEvent.Type.JOINED);
    }
  }

  private @Nullable ChatResponse give(ModelCall call, CacheHit<KeptAnswer> hit) {
    KeptAnswer kept = hit.value();
    Place place = call.get(placeKey);
    if (place != null) {
      place.hit = true;
    }
    call.markCached(
        CachedAnswer.builder()
            .level(hit.level())
            .age(kept.age(cache.clock().now()))
            .savedReport(kept.report())
            .savedCost(kept.cost())
            .savedTime(kept.took())
            .build());
    publish(call, CacheEvent.Type.HIT);
    if (call.streaming() && call.follow(kept.replay(cache.replayPace()))) {
      return null;
    }
    return kept.response();
  }

  private void publish(ModelCall call, CacheEvent.Type type) {
    CacheEvent.Builder event =
        CacheEvent.builder()
            .timestamp(cache.clock().now())
            .attributes(call.attributes())
            .cache(cache.name())
            .type(type);
    CachedAnswer answer = call.cachedAnswer();
    if (answer != null) {
      event
          .level(answer.level().orElse(null))
          .age(answer.age().orElse(null))
          .savedCost(answer.savedCost().orElse(null))
          .savedTime(answer.savedTime().orElse(null));
    }
    call.publish(event.build());
  }

  /** Where a call stands with the cache; used by one thread at a time. */
  private static final class Place {

    private final Slot slot;
    private final Role role;
    private volatile boolean hit;

    Place(Slot slot, Role role) {
      this.slot = slot;
      this.role = role;
    }
  }
}
