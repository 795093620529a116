package dev.agentops.tracing;

import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.ContextMirror;
import dev.agentops.Cost;
import dev.agentops.FaultLog;
import dev.agentops.Key;
import dev.agentops.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
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
  private static final long ANCHOR_NANOS = 1_000_000_000L;
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final Clock clock;
  private final ContentPolicy content;
  private final int maximumSpansOfTrace;
  private final long maximumRunningBytes;
  private final @Nullable Sampler sampler;
  private final @Nullable Supplier<Optional<TraceParent>> parentSource;
  private final SpanStore store;

  /** What happens off the agent's thread; null where nothing does. */
  private final @Nullable Pipeline pipeline;

  private final List<ExportQueue> exports;
  private final SpanReader reader;
  private final Reaper reaper;
  private final FaultLog faults;
  private final Key<TraceContext> key = Key.of("current span");
  private final ActiveTraces active = new ActiveTraces();
  private final AtomicLong runningBytes = new AtomicLong();
  private final Drops drops = new Drops();
  private final LongAdder abandoned = new LongAdder();
  private final TraceContext notSampled = unrecorded();
  private final TraceContext overfull = unrecorded();
  private final TraceContext tooMany = unrecorded();
  private volatile @Nullable WallTime wallTime;
  private volatile boolean closed;

  Tracer(TracerBuilder from) {
    clock = from.clock;
    content = new ContentPolicy(from);
    maximumSpansOfTrace = from.maximumSpans();
    maximumRunningBytes = from.maximumBytes();
    sampler = from.sampler;
    parentSource = from.parentSource;
    faults = new FaultLog(Tracer.class, clock);
    store = from.buildStore();
    exports =
        from.exporters.stream()
            .map(exporter -> new ExportQueue(exporter, this, clock, from.maximumExportBytes))
            .toList();
    boolean inline =
        store instanceof InMemorySpanStore
            && from.redactor == null
            && from.tailSampler == null
            && exports.isEmpty();
    pipeline = inline ? null : new Pipeline(this, store, from.tailSampler, exports);
    reader = new SpanReader(active, pipeline, store, content);
    reaper = new Reaper(this, clock, from.abandonAfter);
  }

  /** A tracer with the defaults of {@link TracerBuilder}. */
  public static Tracer create() {
    return builder().build();
  }

  public static TracerBuilder builder() {
    return new TracerBuilder();
  }

  /** Starts a trace with an id of its own, whatever the current span is. */
  public TraceContext startTrace(String agent, String action) {
    Context here = contextHere();
    return started(root(null, agent, action, here, null), here, action);
  }

  /**
   * Starts a trace under the caller's id, whatever the current span is.
   *
   * @param traceId any text; null or blank for an id of its own. Two traces that are given the same
   *     id are found together.
   */
  public TraceContext startTrace(String traceId, String agent, String action) {
    Context here = contextHere();
    return started(root(traceId, agent, action, here, null), here, action);
  }

  /**
   * Continues the trace of another process, whatever the current span is: the span is a child of
   * that one.
   */
  public TraceContext continueTrace(TraceParent parent, String agent, String action) {
    if (parent == null) { // a caller that did not look whether there was one
      return startTrace(agent, action);
    }
    Context here = contextHere();
    return started(root(parent.traceId(), agent, action, here, parent), here, action);
  }

  /** Starts a child of the current span, or a trace where there is none. */
  public TraceContext startSpan(String agent, String action) {
    Context here = contextHere();
    return started(open(here, agent, action), here, action);
  }

  /**
   * Opens a child of the context's span, or a trace where there is none, and does not make it
   * current. For instrumentation, whose work ends on other threads than it began on.
   */
  public TraceContext open(Context context, @Nullable String agent, @Nullable String action) {
    TraceContext parent = spanIn(context);
    if (parent == null) {
      TraceParent foreign = foreignParent();
      return root(foreign == null ? null : foreign.traceId(), agent, action, context, foreign);
    }
    if (!parent.isRecording()) {
      return unrecorded(reasonOf(parent.trace()));
    }
    TraceState trace = parent.trace();
    if (trace.startedSpans() >= maximumSpansOfTrace) {
      return unrecorded(DropReason.TRACE_FULL);
    }
    TraceContext span =
        new TraceContext(
            trace, parent, named(agent), named(action), context.attributes(), clock.nanoTime());
    trace.add(span);
    return span;
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

  /** The span of a context, such as one that was captured or is told to a {@link ContextMirror}. */
  public Optional<TraceContext> spanOf(Context context) {
    return Optional.ofNullable(spanIn(context));
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

  /** The spans that ended, are still kept and match, in the order of the query. */
  public List<Span> find(SpanQuery query) {
    return reader.find(query);
  }

  /** A trace with its scores, as far as it has ended and is still kept. */
  public Optional<Trace> findTrace(String traceId) {
    List<Span> spans = spansOfTrace(traceId);
    return spans.isEmpty() ? Optional.empty() : Optional.of(Trace.of(spans, store.scores(traceId)));
  }

  /**
   * Attaches a judgement to a trace, which may have ended long ago. Never throws: a store that
   * fails is logged.
   */
  public void score(Score score) {
    try {
      Score timed = score.timestamp().isPresent() ? score : score.at(clock.now());
      store.addScore(content.cleaned(timed));
    } catch (RuntimeException e) {
      report("keeping a score", e);
    }
  }

  /**
   * The traces that are running now, as far as they have come and with what they have cost so far,
   * the earliest start first.
   */
  public List<Trace> active() {
    return reader.running();
  }

  /** How many traces are running now. */
  public int activeTraces() {
    return (int) active.list().stream().filter(TraceState::isOpen).count();
  }

  /** Pictures of the spans that are running now, the earliest start first. */
  public List<Span> openSpans() {
    return reader.openSpans();
  }

  /** How many spans are not kept, for whatever reason; those left out by samplers included. */
  public long droppedSpans() {
    return drops.spans() + store.droppedSpans();
  }

  /** What was not kept for one reason. */
  public Dropped dropped(DropReason reason) {
    if (reason != DropReason.STORE_FULL) {
      return drops.of(reason).sum();
    }
    return store instanceof InMemorySpanStore memory
        ? memory.dropped()
        : new Dropped(store.droppedSpans(), 0, 0, Cost.ZERO);
  }

  /**
   * How many spans nobody ended, so that the tracer did; see {@link
   * TracerBuilder#abandonAfter(Duration)}.
   */
  public long abandonedSpans() {
    return abandoned.sum();
  }

  /** How many spans exporters have sent; each exporter counts. */
  public long exportedSpans() {
    return exports.stream().mapToLong(ExportQueue::exportedSpans).sum();
  }

  /**
   * How many spans did not reach an exporter's other side: its queue was full, or it refused them
   * for good. Each exporter counts; the store has them all the same.
   */
  public long lostSpans() {
    return exports.stream().mapToLong(ExportQueue::lostSpans).sum();
  }

  /** How many spans wait to be exported now; each exporter counts. */
  public long waitingSpans() {
    return exports.stream().mapToLong(ExportQueue::waitingSpans).sum();
  }

  /**
   * Exports what waits, and waits for it; true if nothing waits any more, false if that took longer
   * or an exporter failed.
   */
  public boolean flush(Duration timeout) {
    return pipeline == null || pipeline.flush(timeout);
  }

  /**
   * Exports what waits, for ten seconds at most, and closes exporters and store. Spans may still be
   * started and closed, but are dropped and counted; what is kept on the heap can still be read.
   * Closing again does nothing.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    reaper.stop();
    active.list().forEach(this::keep); // what has ended in traces that go on
    closed = true;
    try {
      if (pipeline != null) {
        pipeline.close(CLOSE_TIMEOUT);
      }
      store.close();
    } catch (RuntimeException e) {
      report("closing the span store", e);
    }
  }

  Key<TraceContext> key() {
    return key;
  }

  ContentPolicy content() {
    return content;
  }

  boolean capturesContent() {
    return content.capture() == ContentCapture.FULL;
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

  /** All spans of the trace have ended. */
  void completed(TraceState trace, int slot) {
    if (closed) {
      drops.drop(trace, DropReason.CLOSED);
    } else {
      keep(trace);
    }
    active.remove(trace, slot); // last: a reader looks here first
  }

  private void keep(TraceState trace) {
    try {
      if (pipeline != null) {
        pipeline.offer(trace);
      } else {
        ((InMemorySpanStore) store).add(trace);
      }
    } catch (Throwable t) { // an OutOfMemoryError, too, must not reach the agent
      report("keeping a trace", t);
    }
  }

  /** Work has started in a trace that had ended. */
  void reopened(TraceState trace) {
    trace.slot = active.add(trace);
  }

  /** A trace that is over, although its last span could not tell. */
  void settled(TraceState trace) {
    completed(trace, trace.slot);
    active.remove(trace);
  }

  void abandoned() {
    abandoned.increment();
  }

  List<TraceState> activeStates() {
    return active.list();
  }

  Drops drops() {
    return drops;
  }

  long nanoTime() {
    return clock.nanoTime();
  }

  void start() {
    if (pipeline != null) {
      pipeline.start();
    }
    reaper.start();
  }

  /** Takes room for a large span while its trace goes on; false where there is none. */
  boolean holds(int bytes) {
    if (runningBytes.addAndGet(bytes) <= maximumRunningBytes) {
      return true;
    }
    runningBytes.addAndGet(-bytes);
    return false;
  }

  void releases(int bytes) {
    runningBytes.addAndGet(-bytes);
  }

  /** Why spans of this trace are not recorded. */
  DropReason reasonOf(TraceState unrecorded) {
    return unrecorded == notSampled.trace()
        ? DropReason.NOT_SAMPLED
        : unrecorded == overfull.trace() ? DropReason.TRACE_FULL : DropReason.TOO_MANY_RUNNING;
  }

  void report(String what, Throwable failure) {
    faults.report(what, failure);
  }

  private TraceContext root(
      @Nullable String traceId,
      @Nullable String agent,
      @Nullable String action,
      Context context,
      @Nullable TraceParent parent) {
    String id = traceId == null || traceId.isBlank() ? null : traceId;
    long idLow = id == null ? SpanIds.next() : SpanIds.lowOf(id);
    if (sampler != null && !isSampled(sampler, agent, action, idLow, parent)) {
      return unrecorded(DropReason.NOT_SAMPLED);
    }
    long now = clock.nanoTime();
    TraceState trace = new TraceState(this, id, idLow, wallOffset(now));
    TraceContext span =
        new TraceContext(trace, null, named(agent), named(action), context.attributes(), now);
    if (parent != null) {
      span.remoteParent(parent.spanId());
    }
    trace.begin(span);
    trace.slot = active.add(trace);
    return trace.slot == ActiveTraces.FULL ? unrecorded(DropReason.TOO_MANY_RUNNING) : span;
  }

  /** The span of another tracer in this process that a root of ours is a child of. */
  private @Nullable TraceParent foreignParent() {
    if (parentSource == null) {
      return null;
    }
    try {
      return parentSource.get().orElse(null);
    } catch (Throwable t) {
      report("asking for the parent of a trace", t);
      return null;
    }
  }

  private boolean isSampled(
      Sampler by,
      @Nullable String agent,
      @Nullable String action,
      long idLow,
      @Nullable TraceParent parent) {
    try {
      return by.isSampled(
          agent == null ? UNKNOWN : agent, action == null ? UNKNOWN : action, idLow, parent);
    } catch (Throwable t) {
      report("sampler " + by.getClass().getName(), t);
      return true;
    }
  }

  private TraceContext unrecorded() {
    return new TraceContext(new TraceState(this));
  }

  /** Counts a span that is not recorded, and stands in for it. */
  private TraceContext unrecorded(DropReason reason) {
    drops.of(reason).add();
    return reason == DropReason.NOT_SAMPLED
        ? notSampled
        : reason == DropReason.TRACE_FULL ? overfull : tooMany;
  }

  /**
   * From monotonic time to the epoch, in nanoseconds. The system's wall time is read once a second,
   * other clocks each time.
   */
  private long wallOffset(long nanoTime) {
    WallTime known = wallTime;
    if (known == null || nanoTime - known.readAt > ANCHOR_NANOS || clock != Clock.system()) {
      Instant now = clock.now();
      long epochNanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
      known = new WallTime(nanoTime, epochNanos - clock.nanoTime());
      wallTime = known;
    }
    return known.offset;
  }

  /** A span that the caller opened, as opposed to one of an interceptor. */
  private TraceContext started(TraceContext opened, Context here, String action) {
    // one that is not recorded is shared, and a scope is not
    TraceContext span = opened.isRecording() ? opened : new TraceContext(opened.trace());
    if (INVOKE_AGENT.equals(action)) {
      span.put(GenAiAttributes.OPERATION_NAME, INVOKE_AGENT);
      span.put(GenAiAttributes.AGENT_NAME, span.agentName());
    }
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

  private record WallTime(long readAt, long offset) {}

  private static String named(@Nullable String name) {
    return name == null || Payloads.isBlank(name) ? UNKNOWN : Payloads.cutName(name);
  }
}
