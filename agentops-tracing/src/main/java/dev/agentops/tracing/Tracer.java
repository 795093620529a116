package dev.agentops.tracing;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.ContextMirror;
import dev.agentops.Cost;
import dev.agentops.FaultLog;
import dev.agentops.Key;
import dev.agentops.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  private static final int BYTES_OF_LONG_TEXT = 2;
  private static final int REDACTED_BEFORE_CUT = 4;
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final Clock clock;
  private final ContentCapture contentCapture;
  private final Attributes attributes;
  private final int maximumValueLength;
  private final int longestWritten;
  private final Cleaner cleaner;
  private final int maximumSpansOfTrace;
  private final long maximumRunningBytes;
  private final @Nullable Sampler sampler;
  private final @Nullable Supplier<Optional<TraceParent>> parentSource;
  private final SpanStore store;

  /** What happens off the agent's thread; null where nothing does. */
  private final @Nullable Pipeline pipeline;

  private final List<ExportQueue> exports;
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

  private Tracer(Builder from) {
    clock = from.clock;
    contentCapture = from.contentCapture;
    attributes = from.attributes;
    maximumValueLength = from.maximumValueLength;
    // a secret at a cut is not found: where redaction follows, cut far behind
    longestWritten =
        from.redactor == null
            ? maximumValueLength
            : (int) Math.min(Integer.MAX_VALUE, REDACTED_BEFORE_CUT * (long) maximumValueLength);
    cleaner = new Cleaner(from.redactor, maximumValueLength);
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
    reaper = new Reaper(this, clock, from.abandonAfter);
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
    // first those of traces that go on: what moves to the store meanwhile is found twice, not never
    List<Span> ended = new ArrayList<>();
    for (TraceState trace : active.list()) {
      for (TraceContext context : trace.spans(TraceContext::isEnded)) {
        Span span = context.toSpan();
        if (context.isIntact()) {
          Span seen = cleaned(span);
          if (query.matches(seen)) {
            ended.add(seen);
          }
        }
      }
    }
    if (pipeline != null) {
      pipeline.drain();
    }
    return query.merge(store.find(query), ended);
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
      store.addScore(cleaner.clean(timed));
    } catch (RuntimeException e) {
      report("keeping a score", e);
    }
  }

  /**
   * The traces that are running now, as far as they have come and with what they have cost so far,
   * the earliest start first.
   */
  public List<Trace> active() {
    List<Trace> traces = new ArrayList<>();
    for (TraceState trace : active.list()) {
      List<Span> spans =
          trace.spans(span -> span.isOpen() || span.isEnded()).stream()
              .map(span -> cleaned(span.toSpan()))
              .toList();
      if (spans.stream().anyMatch(span -> span.status() == SpanStatus.RUNNING)) {
        traces.add(Trace.of(spans));
      }
    }
    traces.sort(Comparator.comparing(Trace::startTime));
    return traces;
  }

  /** How many traces are running now. */
  public int activeTraces() {
    return (int) active.list().stream().filter(TraceState::isOpen).count();
  }

  /** Pictures of the spans that are running now, the earliest start first. */
  public List<Span> openSpans() {
    return active.list().stream()
        .flatMap(trace -> trace.spans(TraceContext::isOpen).stream())
        .map(span -> cleaned(span.toSpan()))
        .filter(span -> span.status() == SpanStatus.RUNNING) // it may have ended just now
        .sorted(Comparator.comparing(Span::startTime))
        .toList();
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
   * Builder#abandonAfter(Duration)}.
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

  private void start() {
    if (pipeline != null) {
      pipeline.start();
    }
    reaper.start();
  }

  /** What to keep of an object that the caller notes. */
  @Nullable Object captured(@Nullable Object content) {
    if (contentCapture != ContentCapture.FULL) {
      return null;
    }
    return Bounded.of(content, longestWritten);
  }

  /** As much of a text as may be kept; all of it where it is cut after it was redacted. */
  String bounded(String text) {
    return text.length() <= longestWritten ? text : JsonTruncation.cut(text, longestWritten);
  }

  Attributes bounded(Attributes values) {
    return Bounded.of(values, longestWritten);
  }

  Map<String, Object> boundedMap(Map<String, ?> values) {
    return Bounded.copyOf(values, longestWritten);
  }

  @Nullable Object boundedList(List<String> values) {
    return Bounded.of(values, longestWritten);
  }

  /** With the attributes that every span of this tracer has; those of the scopes win. */
  Attributes everywhere(Attributes ofScopes) {
    return attributes.with(ofScopes);
  }

  /** A text that holds on to large objects is written at once, and cut. */
  Object bounded(LazyText text) {
    return text.estimatedBytes() <= BYTES_OF_LONG_TEXT * (long) maximumValueLength
        ? text
        : text.text();
  }

  /** How much to write of one value. */
  int longestWritten() {
    return longestWritten;
  }

  /** The span as it may be seen outside. */
  Span cleaned(Span span) {
    return cleaner.clean(span);
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

  /** Configures a {@link Tracer}. Not thread-safe. */
  public static final class Builder {

    /** {@value} spans. */
    public static final int DEFAULT_MAXIMUM_SPANS = 10_000;

    /** {@value} bytes: 64 MiB. */
    public static final long DEFAULT_MAXIMUM_BYTES = 64L << 20;

    /** {@value} characters. */
    public static final int DEFAULT_MAXIMUM_VALUE_LENGTH = 1_000_000;

    /** {@value} bytes: 16 MiB. */
    public static final long DEFAULT_MAXIMUM_EXPORT_BYTES = 16L << 20;

    /** {@value} seconds: an hour. */
    public static final long DEFAULT_ABANDON_AFTER_SECONDS = 3_600;

    private Clock clock = Clock.system();
    private ContentCapture contentCapture = ContentCapture.FULL;
    private @Nullable Integer maximumSpans;
    private @Nullable Long maximumBytes;
    private @Nullable SpanStore store;
    private @Nullable Sampler sampler;
    private @Nullable Supplier<Optional<TraceParent>> parentSource;
    private @Nullable TailSampler tailSampler;
    private Attributes attributes = Attributes.empty();
    private @Nullable Redactor redactor;
    private int maximumValueLength = DEFAULT_MAXIMUM_VALUE_LENGTH;
    private final List<SpanExporter> exporters = new ArrayList<>();
    private long maximumExportBytes = DEFAULT_MAXIMUM_EXPORT_BYTES;
    private Duration abandonAfter = Duration.ofSeconds(DEFAULT_ABANDON_AFTER_SECONDS);

    private Builder() {}

    /**
     * Asked, on the thread of the caller, for the parent of a span where there is no span of this
     * tracer: the span of another tracer in this process, such as the host's. Not for {@link
     * Tracer#startTrace}, which is always a new trace. What it throws is logged, at most once a
     * minute, and the span is a root.
     */
    public Builder parentSource(Supplier<Optional<TraceParent>> parentSource) {
      this.parentSource = Objects.requireNonNull(parentSource, "parentSource");
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * How much to keep of what agents, models and tools are given and answer; {@link
     * ContentCapture#FULL} unless said. If less, spans have neither input nor output but what
     * {@link ContentCapture#METADATA} describes, and of what was thrown the class alone, since
     * messages quote content. Attributes, metadata and events that the caller sets are kept.
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

    /** Which traces to record at all; all of them unless said. */
    public Builder sampler(Sampler sampler) {
      this.sampler = Objects.requireNonNull(sampler, "sampler");
      return this;
    }

    /** Which of the recorded traces to keep when they have ended; all of them unless said. */
    public Builder tailSampler(TailSampler tailSampler) {
      this.tailSampler = Objects.requireNonNull(tailSampler, "tailSampler");
      return this;
    }

    /**
     * What every span has, such as {@link Attributes#RELEASE} and {@link Attributes#ENVIRONMENT};
     * nothing unless said. Attributes of scopes and spans win.
     */
    public Builder attributes(Attributes attributes) {
      this.attributes = Objects.requireNonNull(attributes, "attributes");
      return this;
    }

    /**
     * Cleans spans and scores before they are stored, exported or shown; they are kept as they are
     * unless said. It works on a background thread.
     */
    public Builder redactor(Redactor redactor) {
      this.redactor = Objects.requireNonNull(redactor, "redactor");
      return this;
    }

    /**
     * How many characters of one text to keep; {@value #DEFAULT_MAXIMUM_VALUE_LENGTH} unless said.
     * A longer one is cut so that JSON stays valid, and says how much is missing.
     *
     * @throws IllegalArgumentException if less than {@value JsonTruncation#SMALLEST_MAXIMUM}
     */
    public Builder maximumValueLength(int maximumValueLength) {
      if (maximumValueLength < JsonTruncation.SMALLEST_MAXIMUM) {
        throw new IllegalArgumentException(
            "maximumValueLength must be at least "
                + JsonTruncation.SMALLEST_MAXIMUM
                + ": "
                + maximumValueLength);
      }
      this.maximumValueLength = maximumValueLength;
      return this;
    }

    /** Adds an exporter, on a thread and with a queue of its own; the tracer closes it. */
    public Builder exporter(SpanExporter exporter) {
      exporters.add(Objects.requireNonNull(exporter, "exporter"));
      return this;
    }

    /**
     * How many bytes of spans may wait for one exporter, by estimate; {@value
     * #DEFAULT_MAXIMUM_EXPORT_BYTES} unless said. Beyond that the oldest are lost and counted.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder maximumExportBytes(long maximumExportBytes) {
      if (maximumExportBytes <= 0) {
        throw new IllegalArgumentException(
            "maximumExportBytes must be positive: " + maximumExportBytes);
      }
      this.maximumExportBytes = maximumExportBytes;
      return this;
    }

    /**
     * After how long the open spans of a trace, in which nothing has started or ended since, are
     * ended with {@link SpanStatus#ABANDONED}; an hour unless said. Nothing that they are told
     * later counts.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder abandonAfter(Duration patience) {
      if (patience == null || patience.isZero() || patience.isNegative()) {
        throw new IllegalArgumentException("abandonAfter must be positive: " + patience);
      }
      this.abandonAfter = patience;
      return this;
    }

    /**
     * The tracer.
     *
     * @throws IllegalArgumentException if a store is given and bounds are, too: a given store has
     *     its own
     */
    public Tracer build() {
      Tracer tracer = new Tracer(this);
      tracer.start();
      return tracer;
    }

    private int maximumSpans() {
      return maximumSpans == null ? DEFAULT_MAXIMUM_SPANS : maximumSpans;
    }

    private long maximumBytes() {
      return maximumBytes == null ? DEFAULT_MAXIMUM_BYTES : maximumBytes;
    }

    private SpanStore buildStore() {
      if (store == null) {
        return SpanStore.inMemory(maximumSpans(), maximumBytes());
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
