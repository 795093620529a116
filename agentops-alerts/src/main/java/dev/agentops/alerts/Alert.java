package dev.agentops.alerts;

import java.net.URI;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One notice that something needs attention. Immutable and thread-safe, as far as the values of its
 * metadata are.
 *
 * <p>Labels say which problem it is, in the sense of Prometheus: alerts with equal labels have one
 * {@link #fingerprint()} and are occurrences of one problem. Metadata says what was seen this time.
 */
public final class Alert {

  /** The label that names the problem. */
  public static final String ALERTNAME = "alertname";

  /** The label that carries the level, in lower case. */
  public static final String SEVERITY = "severity";

  private static final Pattern LABEL_NAME = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");
  private static final String ID_PREFIX = UUID.randomUUID().toString().substring(0, 13);
  private static final AtomicLong NEXT_ID = new AtomicLong();

  private final long number;
  private final AlertLevel level;
  private final String message;
  private final Instant timestamp;
  private final SortedMap<String, String> labels;
  private final SortedMap<String, String> annotations;
  private final Map<String, Object> metadata;
  private final AlertState state;
  private final Instant startsAt;
  private final @Nullable Instant endsAt;
  private final long occurrences;
  private final @Nullable URI generatorUrl;

  private final long fingerprint;

  private Alert(Builder from) {
    number = NEXT_ID.incrementAndGet();
    level = Objects.requireNonNull(from.level, "level");
    message = Objects.requireNonNull(from.message, "message");
    timestamp = Objects.requireNonNull(from.timestamp, "timestamp");
    TreeMap<String, String> sorted = new TreeMap<>(from.labels);
    sorted.putIfAbsent(ALERTNAME, message);
    sorted.putIfAbsent(SEVERITY, level.severity());
    sorted.values().removeIf(String::isEmpty);
    labels = Collections.unmodifiableSortedMap(sorted);
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(from.annotations));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(from.metadata));
    state = from.state;
    startsAt = from.startsAt == null ? timestamp : from.startsAt;
    endsAt = from.endsAt;
    occurrences = from.occurrences;
    generatorUrl = from.generatorUrl;
    fingerprint = Fingerprint.of(labels);
  }

  private Alert(
      Alert from,
      AlertState state,
      Instant startsAt,
      @Nullable Instant endsAt,
      long number,
      long occurrences) {
    this.number = number;
    level = from.level;
    message = from.message;
    timestamp = from.timestamp;
    labels = from.labels;
    annotations = from.annotations;
    metadata = from.metadata;
    generatorUrl = from.generatorUrl;
    fingerprint = from.fingerprint;
    this.state = state;
    this.startsAt = startsAt;
    this.endsAt = endsAt;
    this.occurrences = occurrences;
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * A name that no other alert has, in this process or another; what an {@link AlertManager} tells
   * of one problem, from its first firing until it is resolved, has one.
   */
  public String id() {
    return ID_PREFIX + "-" + number;
  }

  public AlertLevel level() {
    return level;
  }

  /** One sentence for people. */
  public String message() {
    return message;
  }

  /** When it was fired. */
  public Instant timestamp() {
    return timestamp;
  }

  /**
   * Which problem it is, ordered by name; has {@value #ALERTNAME} and {@value #SEVERITY} unless
   * they are empty.
   */
  public SortedMap<String, String> labels() {
    return labels;
  }

  /** Texts for people, as in Prometheus: a summary, a description, a runbook's address. */
  public SortedMap<String, String> annotations() {
    return annotations;
  }

  /** Where the problem stands; {@link AlertState#FIRING} unless told. */
  public AlertState state() {
    return state;
  }

  /** Since when it is a problem; the timestamp unless told. */
  public Instant startsAt() {
    return startsAt;
  }

  /** When it ended or, while it fires, when it counts as ended unless it is told again. */
  public Optional<Instant> endsAt() {
    return Optional.ofNullable(endsAt);
  }

  /** How often it was told since it began; 1 unless told. */
  public long occurrences() {
    return occurrences;
  }

  /** Where people see what made it fire. */
  public Optional<URI> generatorUrl() {
    return Optional.ofNullable(generatorUrl);
  }

  /** What was seen, in the order it was given; never holds null. */
  public Map<String, Object> metadata() {
    return metadata;
  }

  /**
   * The identity of the problem: 16 hexadecimal digits, equal to what Prometheus and Alertmanager
   * compute from these labels.
   */
  public String fingerprint() {
    return Fingerprint.text(fingerprint);
  }

  /** The number behind {@link #fingerprint()}. */
  long fingerprintBits() {
    return fingerprint;
  }

  /** This alert in another stage of its life; this one if nothing is different. */
  Alert as(AlertState state, Instant startsAt, @Nullable Instant endsAt, long occurrences) {
    boolean same =
        this.state == state
            && this.occurrences == occurrences
            && this.startsAt.equals(startsAt)
            && Objects.equals(this.endsAt, endsAt);
    return same ? this : new Alert(this, state, startsAt, endsAt, number, occurrences);
  }

  /** This alert as the latest news of a problem that was told before. */
  Alert continuing(Alert before) {
    return new Alert(this, state, startsAt, endsAt, before.number, occurrences);
  }

  /** A builder with everything of this alert but its {@link #id()}. */
  public Builder toBuilder() {
    Builder builder =
        builder()
            .level(level)
            .message(message)
            .timestamp(timestamp)
            .state(state)
            .startsAt(startsAt)
            .endsAt(endsAt)
            .occurrences(occurrences)
            .generatorUrl(generatorUrl)
            .metadata(metadata);
    labels.forEach(builder::label);
    annotations.forEach(builder::annotation);
    return builder;
  }

  static void requireName(String what, String name) {
    if (!LABEL_NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          what + " is letters, digits and _, and does not begin with a digit: '" + name + "'");
    }
  }

  @Override
  public String toString() {
    return "Alert{" + level + " '" + message + "' at " + timestamp + ", " + labels + ", " + metadata
        + '}';
  }

  /** Collects an alert; level, message and timestamp are required. Not thread-safe. */
  public static final class Builder {

    private @Nullable AlertLevel level;
    private @Nullable String message;
    private @Nullable Instant timestamp;
    private final Map<String, String> labels = new TreeMap<>();
    private final Map<String, String> annotations = new TreeMap<>();
    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private AlertState state = AlertState.FIRING;
    private @Nullable Instant startsAt;
    private @Nullable Instant endsAt;
    private long occurrences = 1;
    private @Nullable URI generatorUrl;

    private Builder() {}

    public Builder level(AlertLevel level) {
      this.level = level;
      return this;
    }

    public Builder message(String message) {
      this.message = message;
      return this;
    }

    public Builder timestamp(Instant timestamp) {
      this.timestamp = timestamp;
      return this;
    }

    /** Names the problem: the label {@value #ALERTNAME}. Default: the message. */
    public Builder name(String name) {
      return label(ALERTNAME, name);
    }

    /**
     * Adds a label; an empty value means no label, as in Prometheus.
     *
     * @throws IllegalArgumentException if Prometheus would refuse the name
     */
    public Builder label(String name, String value) {
      requireName("a label name", name);
      labels.put(name, Objects.requireNonNull(value, () -> "the value of label '" + name + "'"));
      return this;
    }

    /** Adds a text for people, such as {@code summary} or {@code runbook_url}. */
    public Builder annotation(String name, String text) {
      requireName("an annotation name", name);
      annotations.put(
          name, Objects.requireNonNull(text, () -> "the text of annotation '" + name + "'"));
      return this;
    }

    public Builder state(AlertState state) {
      this.state = Objects.requireNonNull(state, "state");
      return this;
    }

    /** Null means the timestamp. */
    public Builder startsAt(@Nullable Instant time) {
      this.startsAt = time;
      return this;
    }

    /** Null means that it is not known. */
    public Builder endsAt(@Nullable Instant time) {
      this.endsAt = time;
      return this;
    }

    /**
     * How often it was told.
     *
     * @throws IllegalArgumentException if less than 1
     */
    public Builder occurrences(long count) {
      if (count < 1) {
        throw new IllegalArgumentException("an alert occurs at least once: " + count);
      }
      this.occurrences = count;
      return this;
    }

    public Builder generatorUrl(@Nullable URI url) {
      this.generatorUrl = url;
      return this;
    }

    /** Adds something that was seen; null values are left out. */
    public Builder metadata(String name, @Nullable Object value) {
      if (value != null) {
        metadata.put(name, value);
      }
      return this;
    }

    /** Adds all of these; null values are left out. */
    public Builder metadata(Map<String, ?> values) {
      values.forEach(this::metadata);
      return this;
    }

    public Alert build() {
      return new Alert(this);
    }
  }
}
