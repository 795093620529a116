package dev.agentops.usage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.UsageReport;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The raw answer of a provider, of which only what tells the usage is kept: one JSON body, or the
 * events of a stream, which may tell it bit by bit. Not thread-safe.
 *
 * <p>The later of two tellings wins, field by field. The output that the first event of Anthropic's
 * stream tells is a placeholder and left out.
 */
public final class ProviderBody {

  /** {@value} characters; a longer text is refused. */
  public static final int MAXIMUM_LENGTH = 16 * 1024 * 1024;

  private static final String[] USAGES = {
    "usage", "usageMetadata", "tokenUsage", "amazon-bedrock-invocationMetrics"
  };

  /** A line of an event that is not its data, or a comment. */
  private static final Pattern OTHER_LINE = Pattern.compile("(event|id|retry)?:.*");

  private final String provider;
  private final ObjectNode body = JsonNodeFactory.instance.objectNode();

  private ProviderBody(String provider) {
    this.provider = provider.toLowerCase(Locale.ROOT);
  }

  /**
   * An answer of which nothing has arrived.
   *
   * @param provider a hint, in any spelling; the shape of the body goes first
   */
  public static ProviderBody of(String provider) {
    return new ProviderBody(provider);
  }

  /**
   * Adds a JSON body, or one event's data, or a text of server-sent events.
   *
   * @throws IllegalArgumentException if it is none of these or too long; the message quotes its
   *     beginning
   */
  public ProviderBody add(String text) {
    if (text.length() > MAXIMUM_LENGTH) {
      throw new IllegalArgumentException(
          "a body of " + text.length() + " characters is too long: " + Fields.shown(text));
    }
    String stripped = text.stripLeading();
    if (stripped.startsWith("{") || stripped.startsWith("[")) {
      BodyParser.parse(stripped, this::merge);
    } else {
      addEvents(stripped);
    }
    return this;
  }

  /** Adds the data of one event of a stream; data that cannot tell a usage is not even parsed. */
  public ProviderBody addEvent(String data) {
    return data.contains("\"usage") || data.contains("okenUsage") || data.contains("invocationM")
        ? add(data)
        : this;
  }

  /**
   * All that the body tells; null where it tells no usage.
   *
   * @throws IllegalArgumentException if what it tells is impossible; the message quotes the numbers
   */
  public @Nullable UsageReport report() {
    UsageReport.Builder report;
    try {
      report = read();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("impossible usage: " + Fields.shown(body), e);
    }
    if (report == null) {
      return null;
    }
    report.reportedCost(ReportedCost.of(body.path("usage")));
    if (report.build().serviceTier() == null) {
      String tier = Fields.text(body, "service_tier");
      report.serviceTier(
          ServiceTiers.of(tier == null ? Fields.text(body.path("usage"), "service_tier") : tier));
    }
    return report.model(Fields.text(body, "model", "modelVersion")).build();
  }

  private UsageReport.@Nullable Builder read() {
    JsonNode usage = Fields.object(body, USAGES);
    if (body.path("usageMetadata").isObject()) {
      return GeminiBody.read(body);
    } else if (BedrockBody.speaks(usage)) {
      return BedrockBody.read(body, usage);
    } else if (CohereBody.speaks(usage)) {
      return CohereBody.read(usage);
    } else if (AnthropicBody.speaks(provider, usage)) {
      return AnthropicBody.read(body, usage);
    } else if (OpenAiBody.speaks(usage)) {
      return OpenAiBody.read(provider, body, usage);
    } else if (CohereBody.speaks(body.path("meta"))) {
      return CohereBody.read(body.path("meta"));
    }
    return BareBody.read(body);
  }

  private void addEvents(String text) {
    StringBuilder data = new StringBuilder();
    boolean events = false;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      if (line.startsWith("data:")) {
        data.append(line, "data:".length(), line.length()).append('\n');
        events = true;
      } else if (line.isBlank()) {
        flush(data);
      } else if (!OTHER_LINE.matcher(line).matches()) {
        throw new IllegalArgumentException(
            "neither a body in JSON nor a stream of events: " + Fields.shown(text));
      }
    }
    flush(data);
    if (!events) {
      throw new IllegalArgumentException(
          "neither a body in JSON nor a stream of events: " + Fields.shown(text));
    }
  }

  private void flush(StringBuilder data) {
    String event = data.toString().strip();
    data.setLength(0);
    if (event.startsWith("{")) { // else the [DONE] of OpenAI
      addEvent(event);
    }
  }

  /** What an event says itself goes before what it holds in an envelope. */
  private void merge(ObjectNode event) {
    if ("message_start".equals(Fields.text(event, "type"))
        && event.path("message").path("usage") instanceof ObjectNode started) {
      started.remove("output_tokens");
    }
    for (String name : BodyParser.ENVELOPES) {
      if (event.remove(name) instanceof ObjectNode inner) {
        merge(inner);
      }
    }
    if (body.has("candidates") && !tellsSearches(event)) {
      event.remove("candidates"); // the searches are told by one of Gemini's events
    }
    event.properties().forEach(field -> put(body, field.getKey(), field.getValue()));
  }

  private static boolean tellsSearches(ObjectNode event) {
    return !event.path("candidates").findPath("webSearchQueries").isEmpty();
  }

  private static void put(ObjectNode into, String name, JsonNode value) {
    if (value instanceof ObjectNode object && into.path(name) instanceof ObjectNode known) {
      object.properties().forEach(part -> put(known, part.getKey(), part.getValue()));
    } else if (!value.isNull()) {
      into.set(name, value);
    }
  }
}
