package dev.agentops.tracing;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which spans to find in a {@link SpanStore}, in which order, and how many. Immutable, hence
 * thread-safe.
 *
 * <p>All conditions must hold. The order is that of the starts, the earliest first unless said, and
 * where starts are equal, that in which the spans came. For the next page, ask again {@linkplain
 * Builder#after(Span) after} the last span of this one: pages neither repeat nor skip a span while
 * others come and go. Where starts are equal, that holds for traces that have ended.
 */
public final class SpanQuery {

  private final @Nullable String agentName;
  private final @Nullable String traceId;
  private final @Nullable String sessionId;
  private final @Nullable String userId;
  private final @Nullable String model;
  private final @Nullable String action;
  private final @Nullable SpanStatus status;
  private final @Nullable Instant startedFrom;
  private final @Nullable Instant startedBefore;
  private final @Nullable Duration minimumDuration;
  private final @Nullable Cost minimumCost;
  private final Attributes attributes;
  private final @Nullable String text;
  private final boolean rootsOnly;
  private final boolean newestFirst;
  private final int limit;
  private final @Nullable Span after;

  private SpanQuery(Builder from) {
    agentName = from.agentName;
    traceId = from.traceId;
    sessionId = from.sessionId;
    userId = from.userId;
    model = from.model;
    action = from.action;
    status = from.status;
    startedFrom = from.startedFrom;
    startedBefore = from.startedBefore;
    minimumDuration = from.minimumDuration;
    minimumCost = from.minimumCost;
    attributes = from.attributes.build();
    text = from.text;
    rootsOnly = from.rootsOnly;
    newestFirst = from.newestFirst;
    limit = from.limit;
    after = from.after;
  }

  /** All spans. */
  public static SpanQuery all() {
    return builder().build();
  }

  public static SpanQuery ofAgent(String agentName) {
    return builder().agentName(agentName).build();
  }

  public static SpanQuery ofTrace(String traceId) {
    return builder().traceId(traceId).build();
  }

  /** Starts without a condition. */
  public static Builder builder() {
    return new Builder();
  }

  /** The agent whose spans are asked for; null for any. */
  public @Nullable String agentName() {
    return agentName;
  }

  /** The trace whose spans are asked for; null for any. */
  public @Nullable String traceId() {
    return traceId;
  }

  /** The session, as {@link Span#sessionId()} has it; null for any. */
  public @Nullable String sessionId() {
    return sessionId;
  }

  /** The user, as {@link Attributes#USER_ID} has it; null for any. */
  public @Nullable String userId() {
    return userId;
  }

  /** The model that was asked for, or that answered; null for any. */
  public @Nullable String model() {
    return model;
  }

  /** What was done, such as {@code execute_tool}; null for anything. */
  public @Nullable String action() {
    return action;
  }

  /** How the work ended; null for any. */
  public @Nullable SpanStatus status() {
    return status;
  }

  /** The earliest start; null for any. */
  public @Nullable Instant startedFrom() {
    return startedFrom;
  }

  /** The start before which a span must have begun; null for any. */
  public @Nullable Instant startedBefore() {
    return startedBefore;
  }

  /** The shortest duration; null for any. */
  public @Nullable Duration minimumDuration() {
    return minimumDuration;
  }

  /** The least that the call of the span itself cost; null for any. */
  public @Nullable Cost minimumCost() {
    return minimumCost;
  }

  /** Attributes that the span must have with just these values; empty for any. */
  public Attributes attributes() {
    return attributes;
  }

  /**
   * A text that must occur, in any case, in the name, the error, the input or the output; null for
   * any. Input and output that are not texts are searched as their JSON or {@code toString()}.
   */
  public @Nullable String text() {
    return text;
  }

  /** Whether spans that are no {@linkplain Span#isRoot() roots} are left out. */
  public boolean rootsOnly() {
    return rootsOnly;
  }

  /** Whether the latest start comes first. */
  public boolean newestFirst() {
    return newestFirst;
  }

  /** How many spans to find at most; {@link Integer#MAX_VALUE} unless said. */
  public int limit() {
    return limit;
  }

  /** The last span of the page before; null for the first page. */
  public @Nullable Span after() {
    return after;
  }

  /** Whether a span meets all conditions; order, page and limit are no conditions. */
  public boolean matches(Span span) {
    return (traceId == null || traceId.equals(span.traceId()))
        && (agentName == null || agentName.equals(span.agentName()))
        && (action == null || action.equals(span.action()))
        && (status == null || status == span.status())
        && (!rootsOnly || span.isRoot())
        && (startedFrom == null || !span.startTime().isBefore(startedFrom))
        && (startedBefore == null || span.startTime().isBefore(startedBefore))
        && (minimumDuration == null || span.duration().compareTo(minimumDuration) >= 0)
        && (minimumCost == null || span.cost().orElse(Cost.ZERO).compareTo(minimumCost) >= 0)
        && (sessionId == null || sessionId.equals(span.sessionId()))
        && (userId == null || userId.equals(span.attribute(Attributes.USER_ID)))
        && (model == null
            || model.equals(span.attribute(GenAiAttributes.REQUEST_MODEL))
            || model.equals(span.attribute(GenAiAttributes.RESPONSE_MODEL)))
        && matchesAttributes(span)
        && (text == null || matchesText(span));
  }

  private boolean matchesAttributes(Span span) {
    boolean[] all = {true};
    attributes.forEach((name, value) -> all[0] &= value.equals(span.attribute(name)));
    return all[0];
  }

  private boolean matchesText(Span span) {
    return contains(span.name())
        || contains(span.error())
        || contains(span.input())
        || contains(span.output());
  }

  private boolean contains(@Nullable Object value) {
    String wanted = Objects.requireNonNull(text).toLowerCase(Locale.ROOT);
    try {
      return value != null && String.valueOf(value).toLowerCase(Locale.ROOT).contains(wanted);
    } catch (Throwable t) { // an object that cannot describe itself must not hide the others
      return false;
    }
  }

  /** The page of these matching spans, which are in the order in which they came. */
  List<Span> page(List<Span> matching) {
    List<Span> ordered = new ArrayList<>(matching);
    ordered.sort(Comparator.comparing(Span::startTime)); // stable
    if (newestFirst) {
      Collections.reverse(ordered);
    }
    int from = after == null ? 0 : firstAfter(after, ordered);
    return List.copyOf(ordered.subList(from, (int) Math.min(ordered.size(), (long) from + limit)));
  }

  /** The page that was found in a store, and matching spans of elsewhere where they belong. */
  List<Span> merge(List<Span> page, List<Span> others) {
    if (others.isEmpty()) {
      return page;
    }
    Set<String> known = new HashSet<>();
    page.forEach(span -> known.add(span.spanId()));
    List<Span> all = new ArrayList<>(page);
    for (Span span : others) {
      if (known.add(span.spanId()) && (after == null || isLater(span, after))) {
        all.add(span);
      }
    }
    Comparator<Span> order = Comparator.comparing(Span::startTime);
    all.sort(newestFirst ? order.reversed() : order);
    return List.copyOf(all.subList(0, Math.min(all.size(), limit)));
  }

  private int firstAfter(Span last, List<Span> ordered) {
    for (int i = 0; i < ordered.size(); i++) {
      if (ordered.get(i).spanId().equals(last.spanId())) {
        return i + 1;
      }
    }
    int from = 0; // it is gone: go on behind its time
    while (from < ordered.size() && !isLater(ordered.get(from), last)) {
      from++;
    }
    return from;
  }

  private boolean isLater(Span span, Span last) {
    return newestFirst
        ? span.startTime().isBefore(last.startTime())
        : span.startTime().isAfter(last.startTime());
  }

  @Override
  public String toString() {
    return "SpanQuery{agentName=" + agentName + ", traceId=" + traceId + ", limit=" + limit + '}';
  }

  /** Collects conditions. Not thread-safe. */
  public static final class Builder {

    private @Nullable String agentName;
    private @Nullable String traceId;
    private @Nullable String sessionId;
    private @Nullable String userId;
    private @Nullable String model;
    private @Nullable String action;
    private @Nullable SpanStatus status;
    private @Nullable Instant startedFrom;
    private @Nullable Instant startedBefore;
    private @Nullable Duration minimumDuration;
    private @Nullable Cost minimumCost;
    private final Attributes.Builder attributes = Attributes.builder();
    private @Nullable String text;
    private boolean rootsOnly;
    private boolean newestFirst;
    private int limit = Integer.MAX_VALUE;
    private @Nullable Span after;

    private Builder() {}

    public Builder agentName(String agentName) {
      this.agentName = Objects.requireNonNull(agentName, "agentName");
      return this;
    }

    public Builder traceId(String traceId) {
      this.traceId = Objects.requireNonNull(traceId, "traceId");
      return this;
    }

    public Builder sessionId(String sessionId) {
      this.sessionId = Objects.requireNonNull(sessionId, "sessionId");
      return this;
    }

    public Builder userId(String userId) {
      this.userId = Objects.requireNonNull(userId, "userId");
      return this;
    }

    public Builder model(String model) {
      this.model = Objects.requireNonNull(model, "model");
      return this;
    }

    public Builder action(String action) {
      this.action = Objects.requireNonNull(action, "action");
      return this;
    }

    public Builder status(SpanStatus status) {
      this.status = Objects.requireNonNull(status, "status");
      return this;
    }

    /** Spans that began at this time or later. */
    public Builder startedFrom(Instant time) {
      this.startedFrom = Objects.requireNonNull(time, "startedFrom");
      return this;
    }

    /** Spans that began before this time. */
    public Builder startedBefore(Instant time) {
      this.startedBefore = Objects.requireNonNull(time, "startedBefore");
      return this;
    }

    /** Spans that took at least this long. */
    public Builder minimumDuration(Duration duration) {
      this.minimumDuration = Objects.requireNonNull(duration, "minimumDuration");
      return this;
    }

    /** Spans of calls that cost at least this much themselves. */
    public Builder minimumCost(Cost cost) {
      this.minimumCost = Objects.requireNonNull(cost, "minimumCost");
      return this;
    }

    /** Spans that have this attribute with just this value; several may be asked for. */
    public Builder attribute(String name, Object value) {
      attributes.put(name, value);
      return this;
    }

    /**
     * Spans in whose name, error, input or output this text occurs, in any case.
     *
     * @throws IllegalArgumentException if it is empty
     */
    public Builder text(String text) {
      if (text.isEmpty()) {
        throw new IllegalArgumentException("text must not be empty");
      }
      this.text = text;
      return this;
    }

    /** Leaves out spans that have a parent in this tracer, so that there is one for each turn. */
    public Builder rootsOnly() {
      this.rootsOnly = true;
      return this;
    }

    /** The latest start first. */
    public Builder newestFirst() {
      this.newestFirst = true;
      return this;
    }

    /**
     * How many spans to find at most.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder limit(int limit) {
      if (limit <= 0) {
        throw new IllegalArgumentException("limit must be positive: " + limit);
      }
      this.limit = limit;
      return this;
    }

    /** The page that begins after this span; null for the first one. */
    public Builder after(@Nullable Span span) {
      this.after = span;
      return this;
    }

    public SpanQuery build() {
      return new SpanQuery(this);
    }
  }
}
