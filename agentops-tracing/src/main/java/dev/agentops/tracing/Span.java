package dev.agentops.tracing;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One piece of an agent's work that has ended, or a picture of one that is still {@linkplain
 * SpanStatus#RUNNING running}. Immutable, hence thread-safe, as far as the objects that were put on
 * it are.
 *
 * <p>Spans with one trace id form a tree by {@link #parentSpanId()}.
 */
public final class Span {

  private static final int OVERHEAD_BYTES = 400;

  private final String traceId;
  private final String spanId;
  private final @Nullable String parentSpanId;
  private final String agentName;
  private final String action;
  private final String name;
  private final SpanKind kind;
  private final SpanStatus status;
  private final @Nullable String error;
  private final @Nullable Object input;
  private final @Nullable Object output;
  private final Map<String, Object> metadata;
  private final Attributes scopeAttributes;
  private final AttributeList attributes;
  private final List<SpanEvent> events;
  private final int droppedEvents;
  private final List<SpanLink> links;
  private final Instant startTime;
  private final long durationNanos;

  private Span(Builder from) {
    traceId = Objects.requireNonNull(from.traceId, "traceId");
    spanId = Objects.requireNonNull(from.spanId, "spanId");
    parentSpanId = from.parentSpanId;
    agentName = Objects.requireNonNull(from.agentName, "agentName");
    action = Objects.requireNonNull(from.action, "action");
    name = from.name != null ? from.name : action + ' ' + agentName;
    kind = from.kind;
    status = from.status;
    error = from.error;
    input = from.input;
    output = from.output;
    metadata = from.metadata;
    scopeAttributes = from.scopeAttributes;
    attributes = from.attributes.copy();
    events = List.copyOf(from.events);
    droppedEvents = from.droppedEvents;
    links = List.copyOf(from.links);
    startTime = Objects.requireNonNull(from.startTime, "startTime");
    durationNanos = from.durationNanos;
  }

  /** For stores that read spans back. */
  public static Builder builder() {
    return new Builder();
  }

  /** 32 lower-case hex digits, or whatever text the caller chose. */
  public String traceId() {
    return traceId;
  }

  /** 16 lower-case hex digits. */
  public String spanId() {
    return spanId;
  }

  /** The span in which this one was started; null for a root. */
  public @Nullable String parentSpanId() {
    return parentSpanId;
  }

  /** Whether it has no parent, or one in another process or another tracer. */
  public boolean isRoot() {
    return parentSpanId == null || attribute(GenAiAttributes.REMOTE_PARENT) != null;
  }

  /** Whose work it was. */
  public String agentName() {
    return agentName;
  }

  /** What was done, such as {@code invoke_agent}, {@code chat} or {@code execute_tool}. */
  public String action() {
    return action;
  }

  /**
   * The name that OpenTelemetry gives to such a span, such as {@code chat gpt-4}; the action and
   * the agent unless said.
   */
  public String name() {
    return name;
  }

  public SpanKind kind() {
    return kind;
  }

  public SpanStatus status() {
    return status;
  }

  /** What went wrong, as the {@code toString()} of what was thrown; null where nothing did. */
  public @Nullable String error() {
    return error;
  }

  /**
   * What the work was given: equal to what was set. For a model call, the messages as JSON in the
   * format of the GenAI conventions; for a tool, its arguments as JSON. Null where nothing was set
   * or content is not captured.
   */
  public @Nullable Object input() {
    return Payloads.read(input);
  }

  /**
   * What came of it; as {@link #input()}. Of a stream that was cancelled or broke, the part that
   * had arrived.
   */
  public @Nullable Object output() {
    return Payloads.read(output);
  }

  /** What the caller noted beside. Unmodifiable; empty where nothing was set. */
  public Map<String, Object> metadata() {
    return metadata;
  }

  /**
   * The attributes of the scopes around the work, and its own, which win; names are those of {@link
   * GenAiAttributes}.
   */
  public Attributes attributes() {
    return attributes.over(scopeAttributes);
  }

  /**
   * The value of one attribute, as {@link #attributes()} has it; null where there is none. Costs
   * little, since messages among the others are not written.
   */
  public @Nullable Object attribute(String name) {
    Object own = attributes.get(name);
    return own != null ? own : scopeAttributes.get(name);
  }

  /** In the order in which they happened. */
  public List<SpanEvent> events() {
    return events;
  }

  /** How many attributes came after the first {@value AttributeList#MAXIMUM} and were dropped. */
  public int droppedAttributes() {
    return attributes.dropped();
  }

  /** How many events came after the first {@value Builder#MAXIMUM_EVENTS} and were dropped. */
  public int droppedEvents() {
    return droppedEvents;
  }

  /** The spans that caused this one without being its parent. */
  public List<SpanLink> links() {
    return links;
  }

  /**
   * The conversation that the work belongs to: {@link Attributes#SESSION_ID}, else {@link
   * GenAiAttributes#CONVERSATION_ID}; null where neither is known.
   */
  public @Nullable String sessionId() {
    Object session = attribute(Attributes.SESSION_ID);
    Object known = session != null ? session : attribute(GenAiAttributes.CONVERSATION_ID);
    return known == null ? null : known.toString();
  }

  /**
   * What the call itself cost; empty where the price is unknown or what was noted is no amount, and
   * for all but model calls.
   */
  public Optional<Cost> cost() {
    try {
      return attribute(GenAiAttributes.COST_USD) instanceof String usd
          ? Optional.of(Cost.usd(usd))
          : Optional.empty();
    } catch (IllegalArgumentException e) { // any caller may set any attribute
      return Optional.empty();
    }
  }

  /**
   * The input tokens of the call itself, cached ones included; 0 where the provider did not tell,
   * and for an agent, whose tokens are those of its model calls.
   */
  public long inputTokens() {
    return tokens(GenAiAttributes.USAGE_INPUT_TOKENS);
  }

  /** The output tokens of the call itself, reasoning included; 0 as {@link #inputTokens()}. */
  public long outputTokens() {
    return tokens(GenAiAttributes.USAGE_OUTPUT_TOKENS);
  }

  private long tokens(String name) {
    boolean sum = attribute(GenAiAttributes.AGENT_MODEL_CALLS) != null;
    return !sum && attribute(name) instanceof Long tokens ? tokens : 0;
  }

  public Instant startTime() {
    return startTime;
  }

  /** The start and the {@link #duration()}; for a running span, now. */
  public Instant endTime() {
    return startTime.plusNanos(durationNanos);
  }

  /** A copy to change. */
  public Builder toBuilder() {
    Builder copy = new Builder();
    copy.traceId = traceId;
    copy.spanId = spanId;
    copy.parentSpanId = parentSpanId;
    copy.agentName = agentName;
    copy.action = action;
    copy.name = name;
    copy.kind = kind;
    copy.status = status;
    copy.error = error;
    copy.input = input();
    copy.output = output();
    copy.metadata = metadata;
    copy.attributes(attributes()).droppedAttributes(droppedAttributes());
    events.forEach(copy::event);
    copy.droppedEvents = droppedEvents;
    links.forEach(copy::link);
    copy.startTime = startTime;
    copy.durationNanos = durationNanos;
    return copy;
  }

  /** From start to end on a monotonic clock; for a running span, from start to now. */
  public Duration duration() {
    return Duration.ofNanos(durationNanos);
  }

  /** Without content, so that it may be logged. */
  @Override
  public String toString() {
    return "Span{"
        + name
        + ", "
        + status
        + (error == null ? "" : ", error=" + Payloads.cutName(error))
        + ", trace="
        + traceId
        + ", span="
        + spanId
        + (parentSpanId == null ? "" : ", parent=" + parentSpanId)
        + ", agent="
        + agentName
        + ", action="
        + action
        + ", "
        + duration()
        + '}';
  }

  /** About how much heap it holds. What several spans share is counted for each. */
  long estimatedBytes() {
    return OVERHEAD_BYTES
        + Payloads.estimatedBytes(traceId)
        + Payloads.estimatedBytes(agentName)
        + Payloads.estimatedBytes(action)
        + Payloads.estimatedBytes(name)
        + Payloads.estimatedBytes(error)
        + Payloads.estimatedBytes(input)
        + (output == input ? 0 : Payloads.estimatedBytes(output))
        + Payloads.estimatedBytes(metadata)
        + attributes.estimatedBytes(input, output)
        + Payloads.estimatedBytes(scopeAttributes.asMap())
        + eventBytes();
  }

  private long eventBytes() {
    long bytes = 0;
    for (SpanEvent event : events) {
      bytes +=
          Payloads.estimatedBytes(event.name())
              + Payloads.estimatedBytes(event.attributes().asMap());
    }
    return bytes;
  }

  /**
   * Collects the parts of a span; ids, agent, action and start are required, the status is OK
   * unless said. Not thread-safe.
   */
  public static final class Builder {

    static final int MAXIMUM_EVENTS = 128;
    static final int MAXIMUM_LINKS = 128;

    private @Nullable String traceId;
    private @Nullable String spanId;
    private @Nullable String parentSpanId;
    private @Nullable String agentName;
    private @Nullable String action;
    private @Nullable String name;
    private SpanKind kind = SpanKind.INTERNAL;
    private SpanStatus status = SpanStatus.OK;
    private @Nullable String error;
    private @Nullable Object input;
    private @Nullable Object output;
    private Map<String, Object> metadata = Map.of();
    private Attributes scopeAttributes = Attributes.empty();
    private AttributeList attributes = new AttributeList();
    private List<SpanEvent> events = List.of();
    private int droppedEvents;
    private List<SpanLink> links = List.of();
    private @Nullable Instant startTime;
    private long durationNanos;

    private Builder() {}

    public Builder traceId(String traceId) {
      this.traceId = traceId;
      return this;
    }

    public Builder spanId(String spanId) {
      this.spanId = spanId;
      return this;
    }

    public Builder parentSpanId(@Nullable String parentSpanId) {
      this.parentSpanId = parentSpanId;
      return this;
    }

    public Builder agentName(String agentName) {
      this.agentName = agentName;
      return this;
    }

    public Builder action(String action) {
      this.action = action;
      return this;
    }

    public Builder name(String name) {
      this.name = name;
      return this;
    }

    public Builder kind(SpanKind kind) {
      this.kind = kind;
      return this;
    }

    public Builder status(SpanStatus status) {
      this.status = status;
      return this;
    }

    public Builder error(@Nullable String error) {
      this.error = error;
      return this;
    }

    public Builder input(@Nullable Object input) {
      this.input = Payloads.copyOf(input);
      return this;
    }

    public Builder output(@Nullable Object output) {
      this.output = Payloads.copyOf(output);
      return this;
    }

    public Builder metadata(Map<String, ?> metadata) {
      this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
      return this;
    }

    /** Adds these attributes. */
    public Builder attributes(Attributes attributes) {
      attributes.forEach(this.attributes::put);
      return this;
    }

    /** Adds an event. */
    public Builder event(SpanEvent event) {
      if (events.size() == MAXIMUM_EVENTS) {
        droppedEvents++;
        return this;
      }
      if (events.isEmpty()) {
        events = new ArrayList<>(2);
      }
      events.add(event);
      return this;
    }

    /** Adds a link; those beyond {@value #MAXIMUM_LINKS} are ignored. */
    public Builder link(SpanLink link) {
      if (links.size() < MAXIMUM_LINKS) {
        links = new ArrayList<>(links);
        links.add(link);
      }
      return this;
    }

    /** Removes all attributes so far. */
    public Builder clearAttributes() {
      int dropped = attributes.dropped();
      attributes = new AttributeList();
      attributes.addDropped(dropped);
      return this;
    }

    /** Removes all events so far. */
    public Builder clearEvents() {
      events = List.of();
      return this;
    }

    /** Removes all links so far. */
    public Builder clearLinks() {
      links = List.of();
      return this;
    }

    public Builder startTime(Instant startTime) {
      this.startTime = startTime;
      return this;
    }

    public Builder duration(Duration duration) {
      return durationNanos(duration.toNanos());
    }

    Builder durationNanos(long nanos) {
      durationNanos = nanos;
      return this;
    }

    /** Input and output as they are kept, without another copy. */
    Builder kept(@Nullable Object input, @Nullable Object output) {
      this.input = input;
      this.output = output;
      return this;
    }

    /** Adds to the attributes that were dropped already. */
    Builder droppedAttributes(int count) {
      attributes.addDropped(count);
      return this;
    }

    /** Adds to the events that were dropped already. */
    Builder droppedEvents(int count) {
      droppedEvents += count;
      return this;
    }

    Builder scopeAttributes(Attributes attributes) {
      scopeAttributes = attributes;
      return this;
    }

    Builder attribute(@Nullable String attribute, @Nullable Object value) {
      attributes.put(attribute, value);
      return this;
    }

    SpanStatus status() {
      return status;
    }

    /**
     * The span.
     *
     * @throws NullPointerException if a required part is missing; names it
     */
    public Span build() {
      return new Span(this);
    }
  }
}
