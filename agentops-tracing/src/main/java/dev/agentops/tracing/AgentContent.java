package dev.agentops.tracing;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.service.Result;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Notes on the span of an agent what it was asked and what it said. */
final class AgentContent {

  private AgentContent() {}

  static void record(
      @Nullable UserMessage question,
      @Nullable Object result,
      @Nullable String finishReason,
      TraceContext span) {
    Tracer tracer = span.trace().tracer();
    if (question != null) {
      span.put(
          GenAiAttributes.INPUT_MESSAGES,
          tracer
              .content()
              .bounded(
                  ChatMessageJson.input(List.of(question), tracer.content().longestWritten())));
    }
    Object answer = answerOf(result);
    span.setOutput(answer);
    if (answer instanceof String text) {
      span.put(
          GenAiAttributes.OUTPUT_MESSAGES,
          tracer
              .content()
              .bounded(
                  ChatMessageJson.output(
                      AiMessage.from(text), finishReason, tracer.content().longestWritten())));
    }
  }

  /** Without what LangChain4j tells beside. */
  private static @Nullable Object answerOf(@Nullable Object result) {
    if (result instanceof Result<?> withSources) {
      return withSources.content();
    }
    if (result instanceof ChatResponse response) {
      return response.aiMessage().text();
    }
    return result;
  }
}
