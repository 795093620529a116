package dev.agentops.cache;

import dev.agentops.LiveAnswer;
import dev.agentops.ModelCall;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The calls that ask for an answer which equal calls can get, too. Thread-safe. */
final class CallsUnderWay {

  /** What a call is among those that want the same answer. */
  enum Role {
    /** It asks the model. */
    LEADER,
    /** It gets the answer of the one that asks. */
    FOLLOWER,
    /** It asks, nobody follows it, and its answer is not kept. */
    ALONE
  }

  /**
   * The place of one call's answer.
   *
   * @param model that was asked for
   * @param generation how often the cache had been invalidated when the call began
   * @param landed see {@link #landed()}
   */
  record Slot(String key, @Nullable String model, long generation, long landed) {

    /** This place for a call that has looked into the cache at an earlier one. */
    Slot since(Slot earlier) {
      return new Slot(key, model, generation, earlier.landed);
    }
  }

  private final ConcurrentMap<String, LiveAnswer> leaders = new ConcurrentHashMap<>();
  private final AtomicLong landed = new AtomicLong();

  /** Makes a call the one that asks for the answer, or has it follow the one that does. */
  Role enter(Slot slot, ModelCall call) {
    LiveAnswer mine = call.share();
    while (true) {
      LiveAnswer running = leaders.putIfAbsent(slot.key(), mine);
      if (running == null) {
        return Role.LEADER;
      }
      if (running.isOver() || call.isOverdue(running)) {
        if (leaders.replace(slot.key(), running, mine)) {
          return Role.LEADER;
        }
      } else if (call.follow(running)) {
        return Role.FOLLOWER;
      } else if (!running.isOver()) {
        return Role.ALONE;
      }
    }
  }

  /** Makes a call the one that asks, in place of any that does: that one is overtaken. */
  Role overtake(Slot slot, ModelCall call) {
    leaders.put(slot.key(), call.share());
    return Role.LEADER;
  }

  /** Whether a call is the one that asks, and has not been overtaken. */
  boolean leads(Slot slot, ModelCall call) {
    return leaders.get(slot.key()) == call.share();
  }

  /** Ends what {@link #enter} began; once the answer is in the cache, if it is to be there. */
  void leave(Slot slot, ModelCall call) {
    leaders.remove(slot.key(), call.share());
  }

  /** From now on nobody begins to follow a call that is under way. */
  void clear() {
    leaders.clear();
  }

  /** An answer has been put into the cache. */
  void land() {
    landed.incrementAndGet();
  }

  /**
   * How many answers have come. Who looks into the cache and then enters takes it before: if it has
   * changed, the look may have been too early, and the call that could be followed is over.
   */
  long landed() {
    return landed.get();
  }
}
