package dev.agentops.cache;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.ChatInterceptor;
import dev.agentops.ModelCall;
import dev.agentops.Scope;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The key of a request: as a chat memory asks for it, with the messages of the last turn and a new
 * one; of messages that were read from a database, none of which is the object of the last turn;
 * and, to compare with, a SHA-256 of their text alone.
 *
 * <p>{@code ./mvnw -q -Pjmh -Dbench=cache -Djmh.args="KeyBenchmark -prof gc"}
 */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KeyBenchmark {

  private static final String QUESTION =
      "And what would change if the customer had paid by invoice rather than by credit card?";

  private ModelCall call;
  private ChatRequest twentyMessages;
  private ChatRequest parameters;
  private List<ChatMessage> dialogue;
  private byte[] dialogueText;
  private List<String> texts;
  private int turn;

  @Setup
  public void prepare() {
    texts = texts(20, 200);
    twentyMessages = request(messages(texts));
    dialogue = messages(texts(64, 1024));
    parameters = request(dialogue);
    StringBuilder text = new StringBuilder();
    dialogue.forEach(text::append);
    dialogueText = text.toString().getBytes(StandardCharsets.UTF_8);
    call = callOf(twentyMessages);
    RequestKey.of(call, parameters, false);
  }

  /** A request of 20 messages of 200 characters, and two tools, that was seen before. */
  @Benchmark
  public String twentyMessages() {
    return RequestKey.of(call, twentyMessages, false);
  }

  /** The same, of new objects; making them is a part of it. */
  @Benchmark
  public String twentyNewMessages() {
    return RequestKey.of(call, with(messages(texts)), false);
  }

  /** A dialogue of 64 messages of 1 KB, and one of 86 characters more. */
  @Benchmark
  public String appendTo64Kb() {
    List<ChatMessage> messages = new ArrayList<>(65);
    messages.addAll(dialogue);
    messages.add(UserMessage.from(QUESTION + turn++));
    return RequestKey.of(call, with(messages), false);
  }

  /** What {@link #appendTo64Kb} does beside the key. */
  @Benchmark
  public ChatRequest appendTo64KbWithoutKey() {
    List<ChatMessage> messages = new ArrayList<>(65);
    messages.addAll(dialogue);
    messages.add(UserMessage.from(QUESTION + turn++));
    return with(messages);
  }

  /** The text of the dialogue, anew each time. */
  @Benchmark
  public byte[] sha256Of64Kb() {
    return CanonicalHash.sha256().digest(dialogueText);
  }

  private ChatRequest with(List<ChatMessage> messages) {
    return ChatRequest.builder().messages(messages).parameters(parameters.parameters()).build();
  }

  private static ChatRequest request(List<ChatMessage> messages) {
    return ChatRequest.builder()
        .messages(messages)
        .parameters(
            ChatRequestParameters.builder()
                .modelName("gpt-5-mini")
                .temperature(0.2)
                .maxOutputTokens(1_000)
                .toolSpecifications(tool("orders"), tool("invoices"))
                .build())
        .build();
  }

  private static ToolSpecification tool(String name) {
    return ToolSpecification.builder()
        .name(name)
        .description("Looks up the " + name + " of a customer")
        .parameters(
            JsonObjectSchema.builder()
                .addStringProperty("customer", "the customer's number")
                .addIntegerProperty("limit", "how many at most")
                .required("customer")
                .build())
        .build();
  }

  private static List<String> texts(int count, int characters) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add((i + " lorem ipsum dolor sit amet ".repeat(characters)).substring(0, characters));
    }
    return texts;
  }

  private static List<ChatMessage> messages(List<String> texts) {
    List<ChatMessage> messages = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      messages.add(
          i == 0
              ? SystemMessage.from(text)
              : i % 2 == 1 ? UserMessage.from(text) : AiMessage.from(text));
    }
    return messages;
  }

  private static ModelCall callOf(ChatRequest request) {
    ModelCall[] seen = new ModelCall[1];
    ChatInterceptor probe =
        new ChatInterceptor() {
          @Override
          public @Nullable ChatResponse before(ModelCall call) {
            seen[0] = call;
            return ChatResponse.builder().aiMessage(AiMessage.from("answer")).build();
          }
        };
    AgentOps ops = AgentOps.with(probe).build();
    try (Scope ignored = ops.scope(Attributes.of("user.id", "alice", "tenant", "acme"))) {
      ops.wrap(new ChatModel() {}).chat(request);
    }
    return seen[0];
  }
}
