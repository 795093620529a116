package dev.agentops.tracing;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Notes on a span what a model was given and answered, as far as its tracer captures content. */
final class ChatContent {

  /** Those that take the system message apart from the others. */
  private static final Set<String> WITH_SYSTEM_INSTRUCTIONS =
      Set.of("anthropic", "aws.bedrock", "gcp.gemini", "gcp.vertex_ai");

  private ChatContent() {}

  static void input(List<ChatMessage> messages, TraceContext span) {
    Tracer tracer = span.trace().tracer();
    switch (tracer.content().capture()) {
      case OFF -> {}
      case METADATA ->
          span.put(GenAiAttributes.INPUT_MESSAGES, ChatMessageJson.inputShape(messages));
      case FULL -> {
        Object text =
            tracer
                .content()
                .bounded(ChatMessageJson.input(messages, tracer.content().longestWritten()));
        span.setInput(text);
        span.put(GenAiAttributes.INPUT_MESSAGES, text);
      }
    }
  }

  /**
   * What the model is given beside the messages, and the messages that its provider takes apart.
   */
  static void request(
      List<ChatMessage> messages,
      @Nullable List<ToolSpecification> tools,
      String provider,
      TraceContext span) {
    Tracer tracer = span.trace().tracer();
    input(messages, span);
    if (!tracer.capturesContent()) {
      return;
    }
    if (WITH_SYSTEM_INSTRUCTIONS.contains(provider)) {
      LazyText instructions =
          ChatMessageJson.systemInstructions(messages, tracer.content().longestWritten());
      span.put(
          GenAiAttributes.SYSTEM_INSTRUCTIONS,
          instructions == null ? null : tracer.content().bounded(instructions));
    }
    if (tools != null && !tools.isEmpty()) {
      span.put(
          GenAiAttributes.TOOL_DEFINITIONS,
          tracer
              .content()
              .bounded(ToolDefinitionJson.of(tools, tracer.content().longestWritten())));
    }
  }

  static void output(AiMessage message, @Nullable String finishReason, TraceContext span) {
    Tracer tracer = span.trace().tracer();
    switch (tracer.content().capture()) {
      case OFF -> {}
      case METADATA ->
          span.put(
              GenAiAttributes.OUTPUT_MESSAGES, ChatMessageJson.outputShape(message, finishReason));
      case FULL -> {
        Object text =
            tracer
                .content()
                .bounded(
                    ChatMessageJson.output(
                        message, finishReason, tracer.content().longestWritten()));
        span.setOutput(text);
        span.put(GenAiAttributes.OUTPUT_MESSAGES, text);
      }
    }
  }
}
