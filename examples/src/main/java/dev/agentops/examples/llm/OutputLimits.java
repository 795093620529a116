package dev.agentops.examples.llm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The limits a request puts on the answer's text: stop strings and a number of tokens. */
final class OutputLimits {
  private final List<String> stops = new ArrayList<>();
  private final int maxTokens;

  OutputLimits(Wire.ChatRequest request) {
    maxTokens = Math.min(orMax(request.maxTokens()), orMax(request.maxCompletionTokens()));
    JsonNode stop = request.stop();
    if (stop != null && stop.isTextual()) {
      stops.add(stop.asText());
    } else if (stop != null) {
      stop.forEach(item -> stops.add(item.asText()));
    }
    stops.removeIf(String::isEmpty);
  }

  /** The text that is left, and why it ends where it does. */
  record Limited(String text, String finishReason) {}

  Limited apply(String text, Tokens tokens) {
    int end = text.length();
    for (String stop : stops) {
      int at = text.indexOf(stop);
      end = at >= 0 && at < end ? at : end;
    }
    String stopped = text.substring(0, end);
    return tokens.count(stopped) > maxTokens
        ? new Limited(tokens.cut(stopped, maxTokens), "length")
        : new Limited(stopped, "stop");
  }

  private static int orMax(@Nullable Integer limit) {
    return limit == null ? Integer.MAX_VALUE : limit;
  }
}
