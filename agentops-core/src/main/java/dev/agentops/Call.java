package dev.agentops;

import dev.agentops.event.OpsEvent;
import dev.agentops.event.OpsEventListener;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way through the chain, and the place where interceptors keep their state between
 * {@code before} and {@code after}.
 *
 * <p>A call is used by one thread at a time, which need not be the same one from start to end: a
 * stream completes on another thread. Its methods are safe to use from any thread.
 */
public abstract sealed class Call
    permits ProviderCall, ToolCall, AgentCall, RetrievalCall, GuardrailCall {

  private final AgentOps ops;
  private final Context callerContext;
  private final Instant startTime;
  private final long startNanos;

  /** How many interceptors were entered; those are owed an {@code after}. */
  int entered;

  private Context context;
  private @Nullable String traceId;
  private @Nullable String spanId;

  /** Key, value, key, value, ... */
  private Object[] state = new Object[0];

  Call(AgentOps ops, Context callerContext) {
    this(ops, callerContext, Duration.ZERO);
  }

  /** A call that began a while ago. */
  Call(AgentOps ops, Context callerContext, Duration ago) {
    this.ops = ops;
    this.callerContext = callerContext.over(ops.attributes());
    this.context = this.callerContext;
    this.startTime = ops.clock().now().minus(ago);
    this.startNanos = ops.clock().nanoTime() - ago.toNanos();
  }

  /**
   * The attributes of the scopes that were open when the call was made, and those of the {@link
   * AgentOps} for names that no scope has.
   */
  public Attributes attributes() {
    return callerContext.attributes();
  }

  AgentOps ops() {
    return ops;
  }

  /** The run of an agent in which the call is made; null outside of one. */
  public @Nullable AgentCall agent() {
    return callerContext.get(AgentCall.KEY);
  }

  /** The context in which the call was made; a stream's callbacks run in it. */
  public Context callerContext() {
    return callerContext;
  }

  /** The context in which the wrapped object runs: the caller's, and what interceptors added. */
  public synchronized Context context() {
    return context;
  }

  /** Adds a value to the context in which the wrapped object will run. */
  public synchronized <T> void addToContext(Key<T> key, T value) {
    context = context.with(key, value);
  }

  /** Sets a deadline for the wrapped object, unless there is an earlier one. */
  public synchronized void addDeadline(Deadline deadline) {
    context = deadline.in(context);
  }

  synchronized void useContext(Context context) {
    this.context = context;
  }

  /** The wall-clock time at which the call began. */
  public Instant startTime() {
    return startTime;
  }

  /** How long the call has been going on. */
  public Duration elapsed() {
    return Duration.ofNanos(ops.clock().nanoTime() - startNanos);
  }

  /** Keeps a value for the {@code after} of the interceptor that owns the key. */
  public synchronized <T> void put(Key<T> key, T value) {
    for (int i = 0; i < state.length; i += 2) {
      if (state[i] == key) {
        state[i + 1] = value;
        return;
      }
    }
    state = Arrays.copyOf(state, state.length + 2);
    state[state.length - 2] = key;
    state[state.length - 1] = value;
  }

  /** The value kept under this key, or null. */
  @SuppressWarnings("unchecked") // put(Key<T>, T) is the only way in
  public synchronized <T> @Nullable T get(Key<T> key) {
    for (int i = 0; i < state.length; i += 2) {
      if (state[i] == key) {
        return (T) state[i + 1];
      }
    }
    return null;
  }

  /** Says in which span this call is recorded; told by the interceptor that traces. */
  public synchronized void recordSpan(String traceId, String spanId) {
    this.traceId = traceId;
    this.spanId = spanId;
  }

  /** The trace in which this call is recorded, or null where nothing traces it. */
  public synchronized @Nullable String traceId() {
    return traceId;
  }

  /** The span in which this call is recorded, or null where nothing traces it. */
  public synchronized @Nullable String spanId() {
    return spanId;
  }

  /** Whether it waits for the answer of another call, in place of asking the wrapped object. */
  boolean isFollowing() {
    return false;
  }

  /** Why the wrapped object must not be asked any more; null where it may be. */
  @Nullable CallRejectedException refusalByTime() {
    return null;
  }

  /** Why the call was broken off; null where it was not. */
  @Nullable RuntimeException brokenOff() {
    return null;
  }

  /** Breaks the call off at its deadline, until closed; null where it has none. */
  @Nullable DeadlineWatch watchDeadline() {
    return null;
  }

  /** Everybody has been told how it ended. */
  void ended(Outcome<?> outcome) {}

  /**
   * Hands an event to the listeners of the {@link AgentOps} that makes this call, then to those of
   * the context in which it was made. Never throws.
   */
  public void publish(OpsEvent event) {
    ops.publish(event);
    OpsEventListener around = callerContext.listener();
    if (around != null) {
      ops.attempt("the listener of a context", () -> around.onEvent(event));
    }
  }
}
