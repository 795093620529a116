package dev.agentops;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One try of a {@link ModelDecorator} at a model: sees the call that comes of it, which the
 * decorator itself stands outside of. Thread-safe.
 */
public final class Attempt {

  private static final int MOST_CALLS = 64;
  private static final Key<Attempt> KEY = Key.of("attempt");

  private final @Nullable Attempt outer;
  private final Context outside;
  private final ProviderExchange exchange;
  private final Set<ModelCall> calls = ConcurrentHashMap.newKeySet();
  private volatile @Nullable ModelCall call;

  private Attempt(@Nullable Attempt outer, Context outside) {
    this.outer = outer;
    this.outside = outside;
    this.exchange = ProviderExchange.within(outside);
  }

  /** A try that a caller with this context waits for. */
  public static Attempt from(Context caller) {
    return new Attempt(caller.get(KEY), caller);
  }

  /** The context to ask the model in: the caller's, and what is said of this attempt. */
  public Context context(Attributes attributes) {
    return exchange.in(outside.with(attributes).with(KEY, this));
  }

  /** What goes on over the network for the attempt, and the means to break it off. */
  public ProviderExchange exchange() {
    return exchange;
  }

  /**
   * The call that was made last in this attempt; null before it, and where the model is behind no
   * chain.
   */
  public @Nullable ModelCall call() {
    return call;
  }

  /**
   * Whether the provider has told what one of its calls, such as the first of a hedge, consumed.
   */
  public boolean isBilled() {
    return calls.stream().anyMatch(made -> made.report() != null);
  }

  private void add(ModelCall made) {
    call = made;
    if (calls.size() < MOST_CALLS) {
      calls.add(made);
    }
  }

  /** The context that a call was made in, without what belongs to attempts and ends with them. */
  static Context outside(Context context) {
    Context outside = context;
    for (Attempt attempt = context.get(KEY); attempt != null; attempt = attempt.outer) {
      outside = attempt.outside;
    }
    return outside;
  }

  /** A call begins in this context. */
  static void began(ModelCall call) {
    for (Attempt attempt = call.callerContext().get(KEY);
        attempt != null;
        attempt = attempt.outer) {
      attempt.add(call);
    }
  }
}
