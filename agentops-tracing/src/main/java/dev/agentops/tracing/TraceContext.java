package dev.agentops.tracing;

import dev.agentops.Attributes;
import dev.agentops.Context;
import dev.agentops.Cost;
import dev.agentops.Scope;
import dev.agentops.Usage;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A span that is open: note here what the work is given, what comes of it and what goes wrong.
 *
 * <pre>{@code
 * try (TraceContext span = tracer.startSpan("researcher", "plan")) {
 *   span.setInput(question);
 *   span.setOutput(plan(question));
 * }
 * }</pre>
 *
 * <p>It is the current span of the thread that started it until it is closed, so that spans started
 * and models called in between become its children.
 *
 * <p><b>Errors.</b> A try-with-resources statement closes its resource before a {@code catch}
 * clause runs, and Java does not tell {@link #close()} that something was thrown: a span in such a
 * statement ends with status OK even if its body throws. Use {@link Tracer#trace} where exceptions
 * are to be recorded, or catch inside the statement and call {@link #recordError(Throwable)}.
 *
 * <p>Thread-safe. No method throws, whatever it is given; after the span has ended, and where its
 * trace is not sampled, all setters are ignored.
 */
// One object is the handle and the record: no lock and little garbage on the agent's thread. The
// thread that started the span writes its attributes without synchronisation; any other one ends
// that privilege and writes to a second array, under the monitor.
public final class TraceContext implements AutoCloseable {

  private static final VarHandle STATE;

  private static final SpanStatus[] STATUSES = SpanStatus.values();
  private static final SpanKind[] KINDS = SpanKind.values();
  private static final byte RUNNING = (byte) SpanStatus.RUNNING.ordinal();
  private static final byte OK = (byte) SpanStatus.OK.ordinal();
  private static final byte INTERNAL = (byte) SpanKind.INTERNAL.ordinal();

  private static final byte OPEN = 0;
  private static final byte ENDING = 1;
  private static final byte ENDED = 2;
  private static final byte HANDED_OVER = 3;
  private static final byte COUNTED = 4;
  private static final byte GONE = 5;

  private static final int OVERHEAD_BYTES = 320;
  private static final int LONG_TEXT = 64;

  /** From here on a span is weighed while its trace goes on. */
  private static final int LARGE_BYTES = 1_024;

  private static final int UNKNOWN = -1;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(TraceContext.class, "state", byte.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final TraceState trace;
  private final @Nullable TraceContext parent;
  private final String agentName;
  private final String action;
  private final Attributes scopeAttributes;
  private final long spanId;
  private long startNanos;
  private long endNanos;
  private int inputTokens = UNKNOWN;
  private int outputTokens = UNKNOWN;
  private @Nullable String name;
  private @Nullable Object input;
  private @Nullable Object output;
  private Object @Nullable [] attributes;
  private @Nullable SpanDetails details; // created and changed under the monitor
  private @Nullable Scope scope;
  private @Nullable TraceContext around;
  private @Nullable Thread writer;
  private int bytes;
  private @Nullable Cost cost;
  private byte status; // an ordinal, to be small
  private byte kind; // an ordinal, too
  private volatile byte state;

  /** The span that was started before this one in the same trace. */
  @Nullable TraceContext next;

  TraceContext(
      TraceState trace,
      @Nullable TraceContext parent,
      String agentName,
      String action,
      Attributes scopeAttributes,
      long startNanos) {
    this.trace = trace;
    this.parent = parent;
    this.agentName = agentName;
    this.action = action;
    this.scopeAttributes = scopeAttributes;
    this.startNanos = startNanos;
    this.spanId = SpanIds.next();
    this.kind = INTERNAL;
    this.writer = Thread.currentThread();
  }

  /** A span that is not recorded; its trace tells why. */
  TraceContext(TraceState trace) {
    this.trace = trace;
    this.parent = null;
    this.agentName = "unknown";
    this.action = "unknown";
    this.scopeAttributes = Attributes.empty();
    this.startNanos = 0;
    this.spanId = 0;
    this.state = GONE;
  }

  /** The id of the trace; all zeros where it is not sampled. */
  public String traceId() {
    return trace.id();
  }

  /** The id of the span; all zeros where it is not recorded. */
  public String spanId() {
    return SpanIds.spanId(spanId);
  }

  /** Whether anything is kept of this span; not so where its trace is not sampled. */
  public boolean isRecording() {
    return spanId != 0;
  }

  /**
   * The value of the W3C header {@code traceparent} that makes work elsewhere a child of this span;
   * empty where the span is not recorded, or the trace id was chosen by the caller and is not 32
   * lower-case hex digits.
   */
  public Optional<String> traceparent() {
    return isRecording() && SpanIds.isW3cTraceId(traceId())
        ? Optional.of("00-" + traceId() + '-' + spanId() + "-01")
        : Optional.empty();
  }

  /**
   * The headers that make work elsewhere a child of this span, to be added to an HTTP request or to
   * the {@code _meta} of an MCP call; empty where {@link #traceparent()} is.
   */
  public Map<String, String> headers() {
    return traceparent().map(value -> Map.of("traceparent", value)).orElse(Map.of());
  }

  /**
   * What the work is given. A map, list or set is copied, one level deep; any other object is
   * shared and must not change. Ignored where content is not captured.
   */
  public TraceContext setInput(@Nullable Object input) {
    if (state == OPEN) {
      this.input = trace.tracer().content().captured(input);
    }
    return this;
  }

  /** What came of the work; as {@link #setInput}. */
  public TraceContext setOutput(@Nullable Object output) {
    if (state == OPEN) {
      this.output = trace.tracer().content().captured(output);
    }
    return this;
  }

  /**
   * Notes beside the work, in place of earlier ones; copied. Kept even where content is not
   * captured, as are attributes and events.
   */
  public TraceContext setMetadata(@Nullable Map<String, ?> metadata) {
    if (state == OPEN && metadata != null) {
      try {
        details().metadata(trace.tracer().content().boundedMap(metadata));
      } catch (Throwable t) { // the map changed while it was copied, or is broken
        trace.tracer().report("copying the metadata of a span", t);
      }
    }
    return this;
  }

  /**
   * An attribute, in place of an earlier one of this name; a blank name and null are ignored, a
   * name is cut after 256 characters.
   */
  public TraceContext setAttribute(String name, @Nullable String value) {
    return put(name, value);
  }

  /** As {@link #setAttribute(String, String)}. */
  public TraceContext setAttribute(String name, long value) {
    if (state != OPEN) {
      return this;
    }
    if (GenAiAttributes.USAGE_INPUT_TOKENS.equals(name)) {
      return inputTokens(value);
    }
    if (GenAiAttributes.USAGE_OUTPUT_TOKENS.equals(name)) {
      return outputTokens(value);
    }
    return put(name, value);
  }

  /** As {@link #setAttribute(String, String)}. */
  public TraceContext setAttribute(String name, double value) {
    return put(name, value);
  }

  /** As {@link #setAttribute(String, String)}. */
  public TraceContext setAttribute(String name, boolean value) {
    return put(name, value);
  }

  /** As {@link #setAttribute(String, String)}. */
  public TraceContext setAttribute(String name, @Nullable List<String> values) {
    return put(name, values == null ? null : trace.tracer().content().boundedList(values));
  }

  /**
   * What the work consumed and cost, each null where it is not known. Counted even where the trace
   * is not sampled.
   */
  public TraceContext recordUsage(@Nullable Usage usage, @Nullable Cost cost) {
    if (!isRecording()) {
      Tracer tracer = trace.tracer();
      tracer.drops().of(tracer.reasonOf(trace)).consumed(usage, cost);
      return this;
    }
    if (state == OPEN) {
      if (usage != null) {
        inputTokens(usage.inputTokens());
        outputTokens(usage.outputTokens());
        putParts(usage);
      }
      this.cost = cost != null ? cost : this.cost;
    }
    return this;
  }

  /** Something that happened just now; a blank name is ignored. */
  public TraceContext event(String name, Attributes attributes) {
    if (state == OPEN && name != null && !name.isBlank() && attributes != null) {
      long now = trace.tracer().nanoTime();
      details()
          .event(
              new SpanEvent(
                  Payloads.cutName(name),
                  trace.at(now),
                  trace.tracer().content().bounded(attributes)));
    }
    return this;
  }

  /** A span that caused this one without being its parent; null is ignored. */
  public TraceContext link(@Nullable SpanLink link) {
    if (state == OPEN && link != null) {
      details().link(link);
    }
    return this;
  }

  /** What went wrong; the last one told counts. */
  public TraceContext recordError(@Nullable Throwable error) {
    return error == null
        ? this
        : fail(SpanStatus.ERROR, describe(error), error.getClass().getName());
  }

  /** What went wrong, where nothing was thrown; the last one told counts. */
  public TraceContext recordError(@Nullable String error) {
    return error == null ? this : fail(SpanStatus.ERROR, error, null);
  }

  /**
   * Tells that the caller broke the work off: the status becomes {@link SpanStatus#CANCELLED},
   * which is no error. In place of an error told earlier, as a later one is in place of this.
   */
  public TraceContext recordCancelled() {
    return fail(SpanStatus.CANCELLED, null, null);
  }

  /**
   * Ends the span and makes the one around it current again. Closing again does nothing. On another
   * thread than the one that started it, it ends the span and leaves that thread's current span
   * alone.
   */
  @Override
  public void close() {
    end();
    if (scope != null) {
      scope.close();
    }
  }

  /** Whose work it is. */
  public String agentName() {
    return agentName;
  }

  /**
   * This context with the span as its current one. For work elsewhere: make it current there, as
   * often and on as many threads as needed; the span is not closed with that scope.
   */
  public Context in(Context around) {
    return around.with(trace.tracer().key(), this);
  }

  /** The name and kind that OpenTelemetry gives to such a span, in place of the defaults. */
  public TraceContext describe(String name, SpanKind kind) {
    if (state == OPEN && name != null && kind != null) {
      this.name = Payloads.cutName(name);
      this.kind = (byte) kind.ordinal();
    }
    return this;
  }

  boolean isOf(Tracer other) {
    return trace.tracer() == other;
  }

  String action() {
    return action;
  }

  /** Whose span it is. */
  TraceState trace() {
    return trace;
  }

  long startNanos() {
    return startNanos;
  }

  /** When it ended; meaningless before that. */
  long endNanos() {
    return endNanos;
  }

  /** Says that it is the child of a span elsewhere. */
  void remoteParent(String parentSpanId) {
    details().remoteParent(parentSpanId);
  }

  /** Makes this the current span of the calling thread, inside of another one. */
  void makeCurrent(Scope opened, @Nullable TraceContext enclosing) {
    scope = opened;
    around = enclosing;
  }

  /** The current span of the thread before this one became it. */
  @Nullable TraceContext enclosing() {
    return around;
  }

  /** Whether this thread started the span, another one ended it, and this one was not told. */
  boolean wasClosedElsewhere() {
    return hasEnded() && scope != null && isRecording() && scope.isOpen();
  }

  /**
   * Whether this thread still has this context for its current one only because the span was closed
   * on another thread; not where somebody opened a scope inside of it, which taking it off would
   * end.
   */
  boolean isLeftBehind(Context context) {
    return wasClosedElsewhere() && scope != null && scope.context() == context;
  }

  /** What the spans below consumed, as attributes that are not counted once more. */
  void recordTotals(@Nullable Usage usage) {
    if (usage != null) {
      put(GenAiAttributes.USAGE_INPUT_TOKENS, usage.inputTokens());
      put(GenAiAttributes.USAGE_OUTPUT_TOKENS, usage.outputTokens());
      putParts(usage);
    }
  }

  TraceContext put(@Nullable String name, @Nullable Object value) {
    if (state != OPEN || value == null || name == null || Payloads.isBlank(name)) {
      return this;
    }
    String key = Payloads.cutName(name);
    Object kept =
        value instanceof String text && text.length() > JsonTruncation.SMALLEST_MAXIMUM
            ? trace.tracer().content().bounded(text)
            : value;
    if (Thread.currentThread() != writer) {
      synchronized (this) {
        writer = null;
        details().attribute(key, kept);
      }
      return this;
    }
    Object[] more = AttributeArray.with(attributes, key, kept);
    if (more == null) {
      details().dropAttribute();
    } else {
      attributes = more;
    }
    return this;
  }

  /** Tells that whoever began the work will not end it. */
  void abandon(String reason) {
    fail(SpanStatus.ABANDONED, reason, "abandoned");
  }

  /** The work began before the span was opened, by so much. */
  void startedEarlier(Duration ago) {
    if (state == OPEN) {
      startNanos -= ago.toNanos();
    }
  }

  TraceContext fail(SpanStatus status, @Nullable String error, @Nullable String errorType) {
    if (state == OPEN) {
      Tracer tracer = trace.tracer();
      boolean thrown =
          errorType != null && errorType.indexOf('.') > 0; // its text may quote content
      String told = thrown && !tracer.capturesContent() ? errorType : error;
      synchronized (this) {
        this.status = (byte) status.ordinal();
        details().error(told == null ? null : tracer.content().bounded(told), errorType);
      }
    }
    return this;
  }

  /** Ends the span without a look at the thread; true if it was open. */
  boolean end() {
    if (!STATE.compareAndSet(this, OPEN, ENDING)) {
      return false;
    }
    try {
      endNanos = trace.tracer().nanoTime();
      if (status == RUNNING) {
        status = OK;
      }
      weigh();
    } finally { // a stack that overflows right here must not keep the trace open
      writer = null;
      STATE.setRelease(this, ENDED);
      trace.ended();
    }
    return true;
  }

  private void weigh() {
    try {
      bytes = estimatedBytes();
    } catch (Throwable t) { // of the caller's objects
      bytes = LARGE_BYTES;
      trace.tracer().report("weighing a span", t);
    }
    if (bytes > LARGE_BYTES && !trace.tracer().holds(bytes)) {
      shed();
    }
  }

  boolean isOpen() {
    return state == OPEN;
  }

  /** Open, or ended by a thread that did not come to the end of it. */
  boolean isUnfinished() {
    return state <= ENDING;
  }

  /** Makes an end of what its thread could not finish; for the reaper, long after. */
  void finish() {
    if (STATE.compareAndSet(this, ENDING, ENDED)) {
      endNanos = Math.max(endNanos, startNanos);
    }
  }

  /** Ended, whoever has it, and not yet forgotten. */
  boolean isEnded() {
    byte now = state;
    return now >= ENDED && now < GONE;
  }

  /** Whether what was read from it before was the whole of it. */
  boolean isIntact() {
    VarHandle.loadLoadFence();
    return state != GONE;
  }

  boolean isHandedOver() {
    byte now = state;
    return now == HANDED_OVER || now == COUNTED;
  }

  /** Marks it as added up by the store that took it, which calls this under its lock. */
  boolean count() {
    if (state != HANDED_OVER) {
      return false;
    }
    STATE.setRelease(this, COUNTED);
    return true;
  }

  boolean isCounted() {
    return state == COUNTED;
  }

  /** Takes a span that has ended; true for one caller only. */
  boolean handOver() {
    if (state != ENDED || !STATE.compareAndSet(this, ENDED, HANDED_OVER)) {
      return false;
    }
    if (bytes > LARGE_BYTES) {
      trace.tracer().releases(bytes);
    }
    return true;
  }

  /** About how much heap it holds; known once it has ended. */
  int bytes() {
    return bytes;
  }

  long inputTokens() {
    return Math.max(0, inputTokens);
  }

  long outputTokens() {
    return Math.max(0, outputTokens);
  }

  @Nullable Cost cost() {
    return cost;
  }

  /** Lets go of all that it holds, although somebody may still hold it as a parent. */
  void forget() {
    state = GONE;
    VarHandle.storeStoreFence(); // whoever reads a part that is gone sees that it is
    input = null;
    output = null;
    attributes = null;
    details = null;
  }

  /** The span as it is now. */
  Span toSpan() {
    boolean running = state <= ENDING;
    Span.Builder span = Span.builder();
    span.traceId(trace.id())
        .spanId(spanId())
        .agentName(agentName)
        .action(action)
        .kind(KINDS[kind])
        .status(running ? SpanStatus.RUNNING : STATUSES[status])
        .kept(input, output)
        .scopeAttributes(trace.tracer().content().everywhere(scopeAttributes))
        .startTime(trace.at(startNanos))
        .durationNanos((running ? trace.tracer().nanoTime() : endNanos) - startNanos);
    if (parent != null) {
      span.parentSpanId(parent.spanId());
    }
    if (name != null) {
      span.name(name);
    }
    SpanDetails more;
    synchronized (this) {
      more = details;
    }
    if (more != null) {
      span.attribute(GenAiAttributes.ERROR_TYPE, more.errorType());
    }
    AttributeArray.copy(attributes, span);
    if (inputTokens != UNKNOWN) {
      span.attribute(GenAiAttributes.USAGE_INPUT_TOKENS, (long) inputTokens);
    }
    if (outputTokens != UNKNOWN) {
      span.attribute(GenAiAttributes.USAGE_OUTPUT_TOKENS, (long) outputTokens);
    }
    if (cost != null) {
      span.attribute(GenAiAttributes.COST_USD, cost);
    }
    if (more != null) {
      more.copyTo(span);
    }
    return span.build();
  }

  /** Gives up its content, because running traces hold too much of it already. */
  private void shed() {
    input = null;
    output = null;
    Object[] all = attributes;
    Object[] kept = AttributeArray.with(null, GenAiAttributes.CONTENT_DROPPED, (long) bytes);
    for (int i = 0; all != null && i < all.length && all[i] != null && kept != null; i += 2) {
      Object value = all[i + 1];
      if (value instanceof Number
          || value instanceof Boolean
          || (value instanceof String text && text.length() <= Payloads.MAXIMUM_NAME)) {
        kept = AttributeArray.with(kept, (String) all[i], value);
      }
    }
    attributes = kept;
    synchronized (this) {
      if (details != null) {
        details.shed();
      }
    }
    bytes = OVERHEAD_BYTES;
  }

  private boolean hasEnded() {
    return state > OPEN;
  }

  /** In a field of its own where it fits, as it nearly always does, else as any attribute. */
  private TraceContext inputTokens(long tokens) {
    if (tokens < 0 || tokens > Integer.MAX_VALUE) {
      return put(GenAiAttributes.USAGE_INPUT_TOKENS, tokens);
    }
    inputTokens = (int) tokens;
    return this;
  }

  private TraceContext outputTokens(long tokens) {
    if (tokens < 0 || tokens > Integer.MAX_VALUE) {
      return put(GenAiAttributes.USAGE_OUTPUT_TOKENS, tokens);
    }
    outputTokens = (int) tokens;
    return this;
  }

  private void putParts(Usage usage) {
    putPart(GenAiAttributes.USAGE_CACHE_READ_INPUT_TOKENS, usage.cacheReadTokens());
    putPart(GenAiAttributes.USAGE_CACHE_CREATION_INPUT_TOKENS, usage.cacheWriteTokens());
    putPart(GenAiAttributes.USAGE_REASONING_OUTPUT_TOKENS, usage.reasoningTokens());
  }

  private void putPart(String name, long tokens) {
    if (tokens != 0) {
      put(name, tokens);
    }
  }

  private synchronized SpanDetails details() {
    SpanDetails known = details;
    if (known == null) {
      known = new SpanDetails();
      details = known;
    }
    return known;
  }

  private int estimatedBytes() {
    long sum = OVERHEAD_BYTES;
    Object[] own = attributes;
    if (own != null) {
      sum += 4L * own.length;
      for (int i = 1; i < own.length && own[i] != null; i += 2) {
        Object value = own[i];
        sum += Math.max(0, ((String) own[i - 1]).length() - LONG_TEXT);
        if (value == input || value == output) {
          continue;
        }
        if (!(value instanceof String text)) {
          sum += Payloads.estimatedBytes(value);
        } else if (text.length() > LONG_TEXT) {
          sum += Payloads.textBytes(text);
        }
      }
    }
    if (!scopeAttributes.isEmpty()) {
      sum += Payloads.estimatedBytes(scopeAttributes);
    }
    if (input != null) {
      sum += Payloads.estimatedBytes(input);
    }
    if (output != null && output != input) {
      sum += Payloads.estimatedBytes(output);
    }
    if (details != null) {
      sum += details.estimatedBytes();
    }
    return (int) Math.min(Integer.MAX_VALUE, sum);
  }

  static String describe(Throwable error) {
    try {
      return error.toString();
    } catch (Throwable t) { // it cannot even describe itself, or is a cause of itself
      return error.getClass().getName();
    }
  }
}
