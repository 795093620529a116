package dev.agentops.tracing;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Configures a {@link Tracer}. Not thread-safe. */
public final class TracerBuilder {

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

  Clock clock = Clock.system();
  ContentCapture contentCapture = ContentCapture.FULL;
  private @Nullable Integer maximumSpans;
  private @Nullable Long maximumBytes;
  private @Nullable SpanStore store;
  @Nullable Sampler sampler;
  @Nullable Supplier<Optional<TraceParent>> parentSource;
  @Nullable TailSampler tailSampler;
  Attributes attributes = Attributes.empty();
  @Nullable Redactor redactor;
  int maximumValueLength = DEFAULT_MAXIMUM_VALUE_LENGTH;
  final List<SpanExporter> exporters = new ArrayList<>();
  long maximumExportBytes = DEFAULT_MAXIMUM_EXPORT_BYTES;
  Duration abandonAfter = Duration.ofSeconds(DEFAULT_ABANDON_AFTER_SECONDS);

  TracerBuilder() {}

  /**
   * Asked, on the thread of the caller, for the parent of a span where there is no span of this
   * tracer: the span of another tracer in this process, such as the host's. Not for {@link
   * Tracer#startTrace}, which is always a new trace. What it throws is logged, at most once a
   * minute, and the span is a root.
   */
  public TracerBuilder parentSource(Supplier<Optional<TraceParent>> parentSource) {
    this.parentSource = Objects.requireNonNull(parentSource, "parentSource");
    return this;
  }

  /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
  public TracerBuilder clock(Clock clock) {
    this.clock = Objects.requireNonNull(clock, "clock");
    return this;
  }

  /**
   * How much to keep of what agents, models and tools are given and answer; {@link
   * ContentCapture#FULL} unless said. If less, spans have neither input nor output but what {@link
   * ContentCapture#METADATA} describes, and of what was thrown the class alone, since messages
   * quote content. Attributes, metadata and events that the caller sets are kept.
   */
  public TracerBuilder contentCapture(ContentCapture contentCapture) {
    this.contentCapture = Objects.requireNonNull(contentCapture, "contentCapture");
    return this;
  }

  /**
   * How many spans to keep; {@value #DEFAULT_MAXIMUM_SPANS} unless said. The oldest traces go
   * first.
   *
   * @throws IllegalArgumentException if not positive
   */
  public TracerBuilder maximumSpans(int maximumSpans) {
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
   * structures from their beginning. Any other object, which cannot be looked into, counts as 1,024
   * bytes: give a span texts or maps in place of large objects.
   *
   * @throws IllegalArgumentException if not positive
   */
  public TracerBuilder maximumBytes(long maximumBytes) {
    if (maximumBytes <= 0) {
      throw new IllegalArgumentException("maximumBytes must be positive: " + maximumBytes);
    }
    this.maximumBytes = maximumBytes;
    return this;
  }

  /** Where to keep spans, in place of the heap; the tracer closes it. */
  public TracerBuilder store(SpanStore store) {
    this.store = Objects.requireNonNull(store, "store");
    return this;
  }

  /** Which traces to record at all; all of them unless said. */
  public TracerBuilder sampler(Sampler sampler) {
    this.sampler = Objects.requireNonNull(sampler, "sampler");
    return this;
  }

  /** Which of the recorded traces to keep when they have ended; all of them unless said. */
  public TracerBuilder tailSampler(TailSampler tailSampler) {
    this.tailSampler = Objects.requireNonNull(tailSampler, "tailSampler");
    return this;
  }

  /**
   * What every span has, such as {@link Attributes#RELEASE} and {@link Attributes#ENVIRONMENT};
   * nothing unless said. Attributes of scopes and spans win.
   */
  public TracerBuilder attributes(Attributes attributes) {
    this.attributes = Objects.requireNonNull(attributes, "attributes");
    return this;
  }

  /**
   * Cleans spans and scores before they are stored, exported or shown; they are kept as they are
   * unless said. It works on a background thread.
   */
  public TracerBuilder redactor(Redactor redactor) {
    this.redactor = Objects.requireNonNull(redactor, "redactor");
    return this;
  }

  /**
   * How many characters of one text to keep; {@value #DEFAULT_MAXIMUM_VALUE_LENGTH} unless said. A
   * longer one is cut so that JSON stays valid, and says how much is missing.
   *
   * @throws IllegalArgumentException if less than {@value JsonTruncation#SMALLEST_MAXIMUM}
   */
  public TracerBuilder maximumValueLength(int maximumValueLength) {
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
  public TracerBuilder exporter(SpanExporter exporter) {
    exporters.add(Objects.requireNonNull(exporter, "exporter"));
    return this;
  }

  /**
   * How many bytes of spans may wait for one exporter, by estimate; {@value
   * #DEFAULT_MAXIMUM_EXPORT_BYTES} unless said. Beyond that the oldest are lost and counted.
   *
   * @throws IllegalArgumentException if not positive
   */
  public TracerBuilder maximumExportBytes(long maximumExportBytes) {
    if (maximumExportBytes <= 0) {
      throw new IllegalArgumentException(
          "maximumExportBytes must be positive: " + maximumExportBytes);
    }
    this.maximumExportBytes = maximumExportBytes;
    return this;
  }

  /**
   * After how long the open spans of a trace, in which nothing has started or ended since, are
   * ended with {@link SpanStatus#ABANDONED}; an hour unless said. Nothing that they are told later
   * counts.
   *
   * @throws IllegalArgumentException if not positive
   */
  public TracerBuilder abandonAfter(Duration patience) {
    if (patience == null || patience.isZero() || patience.isNegative()) {
      throw new IllegalArgumentException("abandonAfter must be positive: " + patience);
    }
    this.abandonAfter = patience;
    return this;
  }

  /**
   * The tracer.
   *
   * @throws IllegalArgumentException if a store is given and bounds are, too: a given store has its
   *     own
   */
  public Tracer build() {
    Tracer tracer = new Tracer(this);
    tracer.start();
    return tracer;
  }

  int maximumSpans() {
    return maximumSpans == null ? DEFAULT_MAXIMUM_SPANS : maximumSpans;
  }

  long maximumBytes() {
    return maximumBytes == null ? DEFAULT_MAXIMUM_BYTES : maximumBytes;
  }

  SpanStore buildStore() {
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
