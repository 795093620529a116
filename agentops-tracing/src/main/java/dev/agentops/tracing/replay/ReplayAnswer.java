package dev.agentops.tracing.replay;

import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.RecordedMessages;
import dev.agentops.tracing.Span;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a recorded model call answered, as LangChain4j has it. */
final class ReplayAnswer {

  private ReplayAnswer() {}

  /** The whole answer of a call that ended well. */
  static ChatResponse of(RecordedCall call) {
    Span span = call.span();
    return ChatResponse.builder()
        .aiMessage(message(call))
        .id(Calls.text(span, GenAiAttributes.RESPONSE_ID))
        .modelName(Calls.text(span, GenAiAttributes.RESPONSE_MODEL))
        .tokenUsage(usage(span))
        .finishReason(finishReason(span))
        .build();
  }

  /** What had arrived when the call ended; empty where nothing had. */
  static AiMessage message(RecordedCall call) {
    String output = Calls.text(call.span(), GenAiAttributes.OUTPUT_MESSAGES);
    List<ChatMessage> messages = output == null ? List.of() : RecordedMessages.read(output);
    return !messages.isEmpty() && messages.get(0) instanceof AiMessage message
        ? message
        : AiMessage.builder().build();
  }

  private static @Nullable TokenUsage usage(Span span) {
    Integer input = count(span.attribute(GenAiAttributes.USAGE_INPUT_TOKENS));
    Integer output = count(span.attribute(GenAiAttributes.USAGE_OUTPUT_TOKENS));
    return input == null && output == null ? null : new TokenUsage(input, output);
  }

  private static @Nullable Integer count(@Nullable Object tokens) {
    return tokens instanceof Number number ? number.intValue() : null;
  }

  private static @Nullable FinishReason finishReason(Span span) {
    if (!(span.attribute(GenAiAttributes.RESPONSE_FINISH_REASONS) instanceof List<?> reasons)
        || reasons.isEmpty()) {
      return null;
    }
    String reason = String.valueOf(reasons.get(0)).toUpperCase(Locale.ROOT);
    return switch (reason) {
      case "TOOL_CALL", "TOOL_CALLS" -> FinishReason.TOOL_EXECUTION;
      case "STOP", "LENGTH", "CONTENT_FILTER" -> FinishReason.valueOf(reason);
      default -> FinishReason.OTHER;
    };
  }
}
