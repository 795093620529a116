package dev.agentops.tracing;

import dev.agentops.Attributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes private data out of spans and scores, before they are stored or exported. Immutable but for
 * its counts, and thread-safe.
 *
 * <p>It reads every text of a span: name, agent, action and error, input, output and metadata,
 * attributes, events and links with the names of their attributes. JSON is read as JSON, also
 * within a string of JSON, and stays JSON. Of maps, collections and arrays, clean copies are made;
 * any other object that is no number, enum, id or time is replaced by its cleaned {@code
 * toString()}, since it cannot be looked into. A text in Base64 is replaced as a whole where a
 * detector or pattern finds something in it; other encodings are not decoded. Ids of traces and
 * spans, times, and the numbers of GenAI attributes are never changed; of the attributes that name
 * models, providers and operations, and of costs, only {@linkplain Detector#SECRETS secrets} are
 * taken.
 *
 * <p>A found part becomes {@code [REDACTED:email]}, or a pseudonym ({@link Builder#pseudonyms}).
 *
 * <p>It fails closed: where a rule throws, or a pattern takes too long, the whole value becomes
 * {@code [REDACTED:failed]} and {@linkplain #failures() is counted}; once a minute the log tells
 * the class of what was thrown, never its message. Its methods never throw.
 */
public final class Redactor {

  private static final Set<String> STRUCTURE =
      Set.of(
          GenAiAttributes.OPERATION_NAME,
          GenAiAttributes.PROVIDER_NAME,
          GenAiAttributes.OUTPUT_TYPE,
          GenAiAttributes.REQUEST_MODEL,
          GenAiAttributes.RESPONSE_MODEL,
          GenAiAttributes.RESPONSE_FINISH_REASONS,
          GenAiAttributes.TOOL_TYPE,
          GenAiAttributes.COST_USD,
          GenAiAttributes.CACHE_SAVED_USD);

  private static final String ATTRIBUTE_RULE = "attribute";

  private final ValueRedactor values;
  private final ValueRedactor structure;
  private final Set<String> attributes;
  private final Redaction redaction;

  private Redactor(Builder from) {
    redaction = new Redaction(from.pseudonymKey, from.ruleNames());
    attributes = Set.copyOf(from.attributes);
    List<TextRedactor.Step> steps = new ArrayList<>();
    from.detectors.forEach(detector -> steps.add(TextRedactor.step(detector)));
    steps.addAll(from.steps);
    values =
        new ValueRedactor(
            new TextRedactor(steps, redaction), from.paths, from.detectors, redaction);
    structure =
        new ValueRedactor(
            new TextRedactor(
                from.detectors.contains(Detector.SECRETS)
                    ? List.of(TextRedactor.step(Detector.SECRETS))
                    : List.of(),
                redaction),
            List.of(),
            Set.of(),
            redaction);
  }

  /** A redactor with every {@link Detector}, and nothing else. */
  public static Redactor standard() {
    return builder().detectors(Detector.values()).build();
  }

  /** Starts a redactor without any rule. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The text without what is private, as the input of a span would be; what it has replaced once,
   * it leaves. With {@linkplain Builder#pseudonyms pseudonyms}, it makes a replay compare a record
   * that was redacted with a run that says the real values: {@code
   * Replay.builder(trace).normalise(redactor::redact)}. A replay shows it each text alone: what was
   * found by the name of its field is not found so.
   */
  public String redact(String text) {
    return values.text(text, "");
  }

  /** A copy in which every text is clean. */
  public Span redact(Span span) {
    try {
      return copy(span.toBuilder().build()); // so that lazy texts are written once
    } catch (Throwable t) { // an object of the caller's that cannot even be copied
      String failed = redaction.failed(t);
      return Span.builder()
          .traceId(span.traceId())
          .spanId(span.spanId())
          .parentSpanId(span.parentSpanId())
          .agentName(failed)
          .action(failed)
          .name(failed)
          .kind(span.kind())
          .status(span.status())
          .startTime(span.startTime())
          .duration(span.duration())
          .build();
    }
  }

  /** A copy in which the name, the label and the comment are clean. */
  public Score redact(Score score) {
    Score.Builder copy =
        Score.builder(score.traceId(), values.name(score.name()))
            .spanId(score.spanId().orElse(null))
            .label(score.label().map(label -> values.text(label, "")).orElse(null))
            .comment(score.comment().map(comment -> values.text(comment, "")).orElse(null))
            .timestamp(score.timestamp().orElse(null));
    score.value().ifPresent(copy::value);
    return copy.build();
  }

  /**
   * How many parts each rule has replaced, by the {@linkplain Detector#id() id} of its detector or
   * its name; {@code json_path}, {@code attribute} and {@code base64} for these. Those that
   * replaced nothing are left out.
   */
  public Map<String, Long> redactions() {
    return Collections.unmodifiableMap(redaction.counts());
  }

  /** How many values were replaced as a whole because a rule failed. */
  public long failures() {
    return redaction.failures();
  }

  private Span copy(Span span) {
    Object input = span.input();
    Object output = span.output();
    Object cleanInput = values.value(input, "");
    Object cleanOutput = values.value(output, "");
    Span.Builder copy =
        span.toBuilder()
            .name(values.text(span.name(), ""))
            .agentName(values.text(span.agentName(), ""))
            .action(values.text(span.action(), ""))
            .error(span.error() == null ? null : values.text(span.error(), ""))
            .input(cleanInput)
            .output(cleanOutput)
            .metadata(metadata(span.metadata()))
            .clearAttributes()
            .clearEvents()
            .clearLinks();
    Attributes.Builder cleanAttributes = Attributes.builder();
    Set<String> names = new HashSet<>();
    span.attributes()
        .forEach(
            (name, value) -> {
              // messages are an attribute, too: they are cleaned once
              Object known =
                  value.equals(input) ? cleanInput : value.equals(output) ? cleanOutput : null;
              Object clean =
                  known != null && value instanceof String && isPlain(name)
                      ? known
                      : attribute(name, value);
              cleanAttributes.put(unique(values.name(name), names), clean);
            });
    copy.attributes(cleanAttributes.build());
    for (SpanEvent event : span.events()) {
      copy.event(
          new SpanEvent(
              values.text(event.name(), ""), event.timestamp(), clean(event.attributes())));
    }
    for (SpanLink link : span.links()) {
      copy.link(new SpanLink(link.traceId(), link.spanId(), clean(link.attributes())));
    }
    return copy.build();
  }

  /** Whether the name of the attribute makes no difference. */
  private boolean isPlain(String name) {
    return !attributes.contains(name)
        && !STRUCTURE.contains(name)
        && SensitiveName.of(name) == SensitiveName.OTHER;
  }

  private Map<String, @Nullable Object> metadata(Map<String, Object> metadata) {
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    if (values.value(metadata, "") instanceof Map<?, ?> clean) {
      clean.forEach((name, value) -> copy.put(String.valueOf(name), value));
    } else {
      copy.put("metadata", Redaction.FAILED);
    }
    return copy;
  }

  private Attributes clean(Attributes dirty) {
    Attributes.Builder clean = Attributes.builder();
    Set<String> names = new HashSet<>();
    dirty.forEach(
        (name, value) -> clean.put(unique(values.name(name), names), attribute(name, value)));
    return clean.build();
  }

  private Object attribute(String name, Object value) {
    if (attributes.contains(name)) {
      return redaction.of(ATTRIBUTE_RULE, value.toString());
    }
    boolean structural = STRUCTURE.contains(name);
    if (!(value instanceof String || value instanceof List)
        && (structural || name.startsWith("gen_ai.") || name.startsWith("agentops."))) {
      return value;
    }
    Object clean = (structural ? structure : values).value(value, structural ? "" : name);
    return clean == null ? value : clean;
  }

  private static String unique(String name, Set<String> names) {
    String unique = name;
    for (int i = 2; !names.add(unique); i++) {
      unique = name + '#' + i;
    }
    return unique;
  }

  /** Collects the rules of a redactor, which apply in the order of the detectors, then as given. */
  public static final class Builder {

    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,63}");
    private static final int MINIMUM_KEY_BYTES = 16;

    private final Set<Detector> detectors = EnumSet.noneOf(Detector.class);
    private final List<TextRedactor.Step> steps = new ArrayList<>();
    private final Set<String> stepNames = new HashSet<>();
    private final List<JsonPath> paths = new ArrayList<>();
    private final Set<String> attributes = new HashSet<>();
    private byte @Nullable [] pseudonymKey;

    private Builder() {}

    /** Adds built-in detectors; none unless said. */
    public Builder detectors(Detector... detectors) {
      this.detectors.addAll(Arrays.asList(detectors));
      return this;
    }

    /**
     * Replaces what this pattern finds in any text. It may look at a text a hundred times per
     * character and a million times beside; then it fails.
     *
     * @param name for the marker and the count: a letter, then letters, digits, {@code _}, {@code
     *     -} and {@code .}, at most 64
     * @throws IllegalArgumentException if the name is not of that form; quotes it
     */
    public Builder pattern(String name, Pattern pattern) {
      addStep(name, TextRedactor.step(check(name), Objects.requireNonNull(pattern, "pattern")));
      return this;
    }

    /**
     * Replaces what is at this path of an input, output, metadata or attribute that is JSON or made
     * of maps and lists: {@code $.user.password}, {@code $..token}, {@code $.items[0]}, {@code
     * $.users[*].*}. A JSON text within a string is a document of its own.
     *
     * @throws IllegalArgumentException if it is no such path; quotes it
     */
    public Builder jsonPath(String path) {
      paths.add(JsonPath.parse(path));
      return this;
    }

    /**
     * Replaces the whole value of the attribute of this name, on spans, events and links.
     *
     * @throws IllegalArgumentException if the name is blank
     */
    public Builder attribute(String name) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("an attribute's name must not be blank: '" + name + "'");
      }
      attributes.add(name);
      return this;
    }

    /**
     * Rewrites any text as the caller likes, such as with a model of its own. It must be
     * thread-safe; what it throws, or null, counts as a failure. Nothing bounds how long it takes.
     *
     * @param name as of {@link #pattern}, for the count
     * @throws IllegalArgumentException if the name is not of that form; quotes it
     */
    public Builder custom(String name, UnaryOperator<String> rule) {
      addStep(name, TextRedactor.step(check(name), Objects.requireNonNull(rule, "rule")));
      return this;
    }

    /**
     * Writes {@code [REDACTED:email#kcbdoaeh...]} in place of {@code [REDACTED:email]}, where equal
     * values have equal letters: an HMAC-SHA256 of the value, cut to 64 bits. Without the key,
     * nobody can test a guess.
     *
     * @param key at least {@value #MINIMUM_KEY_BYTES} bytes; copied
     * @throws IllegalArgumentException if it is shorter
     */
    public Builder pseudonyms(byte[] key) {
      if (key.length < MINIMUM_KEY_BYTES) {
        throw new IllegalArgumentException(
            "a key for pseudonyms needs at least " + MINIMUM_KEY_BYTES + " bytes: " + key.length);
      }
      pseudonymKey = key.clone();
      return this;
    }

    /**
     * The redactor.
     *
     * @throws IllegalArgumentException if it has no rule at all
     */
    public Redactor build() {
      if (detectors.isEmpty() && steps.isEmpty() && paths.isEmpty() && attributes.isEmpty()) {
        throw new IllegalArgumentException("a redactor needs a rule: " + this.detectors);
      }
      return new Redactor(this);
    }

    private Set<String> ruleNames() {
      Set<String> names = new HashSet<>(stepNames);
      detectors.forEach(detector -> names.add(detector.id()));
      names.add(ValueRedactor.PATH_RULE);
      names.add(TextRedactor.BASE64_RULE);
      names.add(ATTRIBUTE_RULE);
      return names;
    }

    private void addStep(String name, TextRedactor.Step step) {
      stepNames.add(name);
      steps.add(step);
    }

    private static String check(String name) {
      if (name == null || !NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "the name of a rule must be a letter, then letters, digits, '_', '-' and '.': '"
                + name
                + "'");
      }
      return name;
    }
  }
}
