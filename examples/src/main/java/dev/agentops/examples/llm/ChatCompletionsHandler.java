package dev.agentops.examples.llm;

import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The handler of {@code POST /v1/chat/completions}. */
final class ChatCompletionsHandler {
  static final String FINGERPRINT = "fp_local_rules_1";

  private final Persona persona = new Persona();
  private final PromptCache promptCache = new PromptCache();
  private final int contextWindow;
  private final Duration chunkDelay;

  ChatCompletionsHandler(int contextWindow, Duration chunkDelay) {
    this.contextWindow = contextWindow;
    this.chunkDelay = chunkDelay;
  }

  void handle(Exchange exchange) {
    Wire.ChatRequest request = exchange.body(Wire.ChatRequest.class);
    RequestRules.check(request);
    Answer answer = answer(exchange.knownModel(request.model()), request);
    if (request.streaming()) {
      exchange.stream(new SseChunks(answer).events(request.wantsStreamUsage()), chunkDelay);
    } else {
      exchange.send(whole(answer));
    }
  }

  /** An answer before it is put on the wire; it has either text or tool calls. */
  record Answer(
      String id,
      long created,
      String model,
      @Nullable String text,
      List<Wire.ToolCall> calls,
      String finishReason,
      Wire.Usage usage) {}

  private Answer answer(String model, Wire.ChatRequest request) {
    List<Wire.Message> messages = request.messages() == null ? List.of() : request.messages();
    Tokens tokens = Tokens.forModel(model);
    List<Tokens.Segment> prompt = tokens.prompt(request, messages);
    int promptTokens = prompt.stream().mapToInt(Tokens.Segment::tokens).sum();
    if (promptTokens > contextWindow) {
      throw ApiError.invalid(
          "messages",
          "context_length_exceeded",
          "This model's maximum context length is %d tokens, but your messages have %d tokens."
              .formatted(contextWindow, promptTokens));
    }
    int cached = promptCache.lookUp(model, prompt);
    Persona.Reply reply = persona.reply(request, messages);
    String id = "chatcmpl-" + UUID.randomUUID().toString().replace("-", "");
    long created = Instant.now().getEpochSecond();
    if (!reply.calls().isEmpty()) {
      Wire.Usage usage = Wire.Usage.of(promptTokens, cached, tokens.calls(reply.calls()));
      return new Answer(id, created, model, null, reply.calls(), "tool_calls", usage);
    }
    OutputLimits.Limited limited = new OutputLimits(request).apply(reply.text(), tokens);
    Wire.Usage usage = Wire.Usage.of(promptTokens, cached, tokens.count(limited.text()));
    return new Answer(id, created, model, limited.text(), List.of(), limited.finishReason(), usage);
  }

  private static Wire.Completion whole(Answer answer) {
    Wire.Message message =
        new Wire.Message(
            "assistant",
            answer.text() == null ? null : TextNode.valueOf(answer.text()),
            null,
            answer.calls().isEmpty() ? null : answer.calls(),
            null);
    return new Wire.Completion(
        answer.id(),
        "chat.completion",
        answer.created(),
        answer.model(),
        FINGERPRINT,
        List.of(new Wire.Choice(0, message, null, answer.finishReason())),
        answer.usage());
  }
}
