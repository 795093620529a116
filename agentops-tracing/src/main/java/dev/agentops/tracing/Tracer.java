package dev.agentops.tracing;

import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.FaultLog;
import dev.agentops.Key;
import dev.agentops.Scope;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Records the work of agents as spans, and answers what was recorded.
 *
 * <pre>{@code
 * try (Tracer tracer = Tracer.create()) {
 *   AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
 *   ChatModel model = ops.wrap(...);
 *   String answer = tracer.trace("support", "invoke_agent", turn -> model.chat("hello"));
 *   tracer.spans("support"); // the turn, and the model call in it
 * }
 * }</pre>
 *
 * <p>A span can be found as soon as it is closed; before that, among the {@link #openSpans()}. The
 * current span follows work to other threads as {@link Scope} does. Spans of two tracers never mix.
 *
 * <p>Thread-safe. Starting, filling and closing a span never throws: a null or blank agent or
 * action becomes {@value #UNKNOWN}, one longer than 256 characters is cut, and failures of the
 * store are logged, at most once a minute.
 */
public final class Tracer implements AutoCloseable {

  private static final String UNKNOWN = "unknown";
  private static final String INVOKE_AGENT = "invoke_agent";

  private final Clock clock;
  private final ContentCapture contentCapture;
  private final SpanStore store;
  private final FaultLog faults;
  private final Key<TraceContext> key = Key.of("current span");
  private final OpenSpans open = new OpenSpans();
  private final LongAdder dropped = new LongAdder();
  private volatile boolean closed;

  private Tracer(Builder from) {
    clock = from.clock;
    contentCapture = from.contentCapture;
    store = from.buildStore();
    faults = new FaultLog(Tracer.class, clock);
  }

  /** A tracer with the defaults of {@link Builder}. */
  public static Tracer create() {
    return builder().build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Starts a trace with an id of its own, whatever the current span is. */
  public TraceContext startTrace(String agent, String action) {
    return started(root(null, agent, action, contextHere()), action);
  }

  /**
   * Starts a trace under the caller's id, whatever the current span is.
   *
   * @param traceId any text; null or blank for an id of its own. Two traces that are given the same
   *     id are found together.
   */
  public TraceContext startTrace(String traceId, String agent, String action) {
    return started(root(traceId, agent, action, contextHere()), action);
  }

  /**
   * Continues the trace of another process, whatever the current span is: the span is a child of
   * that one.
   */
  public TraceContext continueTrace(TraceParent parent, String agent, String action) {
    TraceContext span =
        new TraceContext(
            this,
            Timeline.startingNow(clock),
            parent.traceId(),
            parent.spanId(),
            named(agent),
            named(action),
            contextHere().attributes());
    return started(register(span), action);
  }

  /** Starts a child of the current span, or a trace where there is none. */
  public TraceContext startSpan(String agent, String action) {
    return started(open(contextHere(), agent, action), action);
  }

  /**
   * Opens a child of the context's span, or a trace where there is none, and does not make it
   * current. For instrumentation, whose work ends on other threads than it began on.
   */
  public TraceContext open(Context context, @Nullable String agent, @Nullable String action) {
    TraceContext parent = spanIn(context);
    if (parent == null) {
      return root(null, agent, action, context);
    }
    return register(
        new TraceContext(
            this,
            parent.timeline(),
            parent.traceId(),
            parent.spanId(),
            named(agent),
            named(action),
            context.attributes()));
  }

  /**
   * Runs a body in a child of the current span, or in a trace where there is none.
   *
   * <p>What the body throws is recorded on the span and thrown on as it is.
   */
  public <T extends @Nullable Object> T trace(
      String agent, String action, Function<TraceContext, T> body) {
    try (TraceContext span = startSpan(agent, action)) {
      try {
        return body.apply(span);
      } catch (Throwable t) {
        span.recordError(t);
        throw t;
      }
    }
  }

  /** The current span of this thread, to add to it. */
  public Optional<TraceContext> currentSpan() {
    return Optional.ofNullable(spanIn(contextHere()));
  }

  /**
   * All spans that ended and are still kept, the earliest start first. Running ones are not among
   * them.
   */
  public List<Span> spans() {
    return find(SpanQuery.all());
  }

  /** As {@link #spans()}, those of one agent. */
  public List<Span> spans(String agent) {
    return find(SpanQuery.ofAgent(agent));
  }

  /** As {@link #spans()}, those of one trace; empty for an unknown id. */
  public List<Span> spansOfTrace(String traceId) {
    return find(SpanQuery.ofTrace(traceId));
  }

  /** The spans that match and are still kept, in the order of the query. */
  public List<Span> find(SpanQuery query) {
    return store.find(query);
  }

  /** A trace with its scores, as far as it has ended and is still kept. */
  public Optional<Trace> findTrace(String traceId) {
    List<Span> spans = spansOfTrace(traceId);
    return spans.isEmpty() ? Optional.empty() : Optional.of(Trace.of(spans, store.scores(traceId)));
  }

  /** Attaches a judgement to a trace, which may have ended long ago. */
  public void score(Score score) {
    store.addScore(score.timestamp().isPresent() ? score : score.at(clock.now()));
  }

  /** Pictures of the spans that are running now, the earliest start first. */
  public List<Span> openSpans() {
    return open.snapshots().stream().sorted(Comparator.comparing(Span::startTime)).toList();
  }

  /**
   * How many spans ended and are not kept: dropped to stay within bounds, refused by the store, or
   * ended after this tracer was closed.
   */
  public long droppedSpans() {
    return dropped.sum() + store.droppedSpans();
  }

  /** How many spans were never closed and are lost, as far as the garbage collector has noticed. */
  public long abandonedSpans() {
    return open.abandoned();
  }

  /**
   * Closes the store. Spans may still be started and closed, but are dropped and counted; what is
   * kept on the heap can still be read. Closing again does nothing.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      store.close();
    } catch (RuntimeException e) {
      report("closing the span store", e);
    }
  }

  Key<TraceContext> key() {
    return key;
  }

  ContentCapture contentCapture() {
    return contentCapture;
  }

  boolean capturesContent() {
    return contentCapture == ContentCapture.FULL;
  }

  /**
   * The span that work in this context is a child of. One that has ended may still be: work goes on
   * in the context that it was handed. But not one that is in the context only because it was
   * closed on another thread and so could not be taken off this one; then it is the one around it.
   */
  @Nullable TraceContext spanIn(Context context) {
    TraceContext span = context.get(key);
    while (span != null && span.wasClosedElsewhere()) {
      span = span.enclosing();
    }
    return span;
  }

  void ended(OpenSpans.@Nullable Entry entry, Span span) {
    if (entry != null) {
      open.remove(entry);
    }
    if (closed) {
      dropped.increment();
      return;
    }
    try {
      store.add(List.of(span));
    } catch (Throwable t) { // an OutOfMemoryError of a store, too, must not reach the agent
      dropped.increment();
      report("span store " + store.getClass().getName(), t);
    }
  }

  void report(String what, Throwable failure) {
    faults.report(what, failure);
  }

  private TraceContext root(
      @Nullable String traceId, @Nullable String agent, @Nullable String action, Context context) {
    String id = traceId == null || traceId.isBlank() ? SpanIds.newTraceId() : traceId;
    return register(
        new TraceContext(
            this,
            Timeline.startingNow(clock),
            id,
            null,
            named(agent),
            named(action),
            context.attributes()));
  }

  private TraceContext register(TraceContext span) {
    span.registered(open.add(span));
    return span;
  }

  /** A span that the caller opened, as opposed to one of an interceptor. */
  private TraceContext started(TraceContext span, String action) {
    if (INVOKE_AGENT.equals(action)) {
      span.put(GenAiAttributes.OPERATION_NAME, INVOKE_AGENT);
      span.put(GenAiAttributes.AGENT_NAME, span.agentName());
    }
    Context here = Context.current();
    span.makeCurrent(here.with(key, span).makeCurrent(), spanIn(here));
    return span;
  }

  /**
   * The current context, without a span that was closed on another thread and so could not be taken
   * off this one.
   */
  private Context contextHere() {
    Context context = Context.current();
    TraceContext span = context.get(key);
    while (span != null && span.isLeftBehind(context)) {
      span.close();
      Context next = Context.current();
      if (next == context) { // a captured context that was brought back on purpose
        return context;
      }
      context = next;
      span = context.get(key);
    }
    return context;
  }

  private static String named(@Nullable String name) {
    return name == null || name.isBlank() ? UNKNOWN : Payloads.cutName(name);
  }

  /** Configures a {@link Tracer}. Not thread-safe. */
  public static final class Builder {

    /** {@value} spans. */
    public static final int DEFAULT_MAXIMUM_SPANS = 10_000;

    /** {@value} bytes: 64 MiB. */
    public static final long DEFAULT_MAXIMUM_BYTES = 64L << 20;

    private Clock clock = Clock.system();
    private ContentCapture contentCapture = ContentCapture.FULL;
    private @Nullable Integer maximumSpans;
    private @Nullable Long maximumBytes;
    private @Nullable SpanStore store;

    private Builder() {}

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * How much to keep of what agents, models and tools are given and answer; {@link
     * ContentCapture#FULL} unless said. If less, spans have neither input nor output but what
     * {@link ContentCapture#METADATA} describes. Error messages, and attributes, metadata and
     * events that the caller sets, are kept.
     */
    public Builder contentCapture(ContentCapture contentCapture) {
      this.contentCapture = Objects.requireNonNull(contentCapture, "contentCapture");
      return this;
    }

    /**
     * How many spans to keep; {@value #DEFAULT_MAXIMUM_SPANS} unless said. The oldest traces go
     * first.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder maximumSpans(int maximumSpans) {
      if (maximumSpans <= 0) {
        throw new IllegalArgumentException("maximumSpans must be positive: " + maximumSpans);
      }
      this.maximumSpans = maximumSpans;
      return this;
    }

    /**
     * How many bytes of heap to keep spans in, by estimate; {@value #DEFAULT_MAXIMUM_BYTES} unless
     * said. The oldest traces go first.
     *
     * <p>Texts, URLs, collections, arrays and the components of records are measured, large
     * structures from their beginning. Any other object, which cannot be looked into, counts as
     * 1,024 bytes: give a span texts or maps in place of large objects.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder maximumBytes(long maximumBytes) {
      if (maximumBytes <= 0) {
        throw new IllegalArgumentException("maximumBytes must be positive: " + maximumBytes);
      }
      this.maximumBytes = maximumBytes;
      return this;
    }

    /** Where to keep spans, in place of the heap; the tracer closes it. */
    public Builder store(SpanStore store) {
      this.store = Objects.requireNonNull(store, "store");
      return this;
    }

    /**
     * The tracer.
     *
     * @throws IllegalArgumentException if a store is given and bounds are, too: a given store has
     *     its own
     */
    public Tracer build() {
      return new Tracer(this);
    }

    private SpanStore buildStore() {
      if (store == null) {
        return SpanStore.inMemory(
            maximumSpans == null ? DEFAULT_MAXIMUM_SPANS : maximumSpans,
            maximumBytes == null ? DEFAULT_MAXIMUM_BYTES : maximumBytes);
      }
      if (maximumSpans != null || maximumBytes != null) {
        throw new IllegalArgumentException(
            "a store has its own bounds, but maximumSpans = "
                + maximumSpans
                + " and maximumBytes = "
                + maximumBytes
                + " were given, too");
      }
      return store;
    }
  }
}
