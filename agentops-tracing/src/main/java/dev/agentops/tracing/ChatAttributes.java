package dev.agentops.tracing;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.output.FinishReason;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says what a chat model was asked for in the words of the semantic conventions. */
final class ChatAttributes {

  private ChatAttributes() {}

  static void describe(ChatRequestParameters parameters, TraceContext span) {
    span.put(GenAiAttributes.REQUEST_TEMPERATURE, parameters.temperature());
    span.put(GenAiAttributes.REQUEST_TOP_P, parameters.topP());
    Integer topK = parameters.topK();
    span.put(GenAiAttributes.REQUEST_TOP_K, topK == null ? null : topK.doubleValue());
    span.put(GenAiAttributes.REQUEST_MAX_TOKENS, parameters.maxOutputTokens());
    span.put(GenAiAttributes.REQUEST_FREQUENCY_PENALTY, parameters.frequencyPenalty());
    span.put(GenAiAttributes.REQUEST_PRESENCE_PENALTY, parameters.presencePenalty());
    List<String> stops = parameters.stopSequences();
    if (stops != null && !stops.isEmpty()) {
      span.setAttribute(GenAiAttributes.REQUEST_STOP_SEQUENCES, stops);
    }
    if (parameters.responseFormat() != null) {
      boolean json = parameters.responseFormat().type() == ResponseFormatType.JSON;
      span.put(GenAiAttributes.OUTPUT_TYPE, json ? "json" : "text");
    }
  }

  /** Notes why a model stopped, by LangChain4j's name of the reason. */
  static @Nullable String recordFinishReason(@Nullable String reason, TraceContext span) {
    String named =
        reason == null
            ? null
            : reason.equals(FinishReason.TOOL_EXECUTION.name())
                ? "tool_call"
                : reason.toLowerCase(Locale.ROOT);
    if (named != null) {
      span.setAttribute(GenAiAttributes.RESPONSE_FINISH_REASONS, List.of(named));
    }
    return named;
  }
}
