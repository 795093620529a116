package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.ChatInterceptor;
import dev.agentops.ModelCall;
import dev.agentops.Scope;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.PdfFileContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestKeyTest {

  private static final Attributes ALICE = Attributes.of("user.id", "alice", "tenant", "acme");

  @Test
  void equalRequests_builtSeparately_equalKeys() {
    assertThat(key(new Request())).isEqualTo(key(new Request())).matches("[0-9a-f]{64}");
  }

  /** One change to one field each; the name says which. */
  static Stream<Change> changes() {
    return Stream.of(
        new Change("provider", r -> r.provider = ModelProvider.ANTHROPIC),
        new Change("model", r -> r.with(p -> p.modelName("gpt-5"))),
        new Change("no temperature", r -> r.with(p -> p.temperature(null))),
        new Change("temperature 0", r -> r.with(p -> p.temperature(0.0))),
        new Change("topP", r -> r.with(p -> p.topP(0.5))),
        new Change("topK", r -> r.with(p -> p.topK(5))),
        new Change("frequencyPenalty", r -> r.with(p -> p.frequencyPenalty(0.1))),
        new Change("presencePenalty", r -> r.with(p -> p.presencePenalty(0.1))),
        new Change("maxOutputTokens", r -> r.with(p -> p.maxOutputTokens(99))),
        new Change("no stop", r -> r.with(p -> p.stopSequences(List.of()))),
        new Change("joined stops", r -> r.with(p -> p.stopSequences(List.of("ab")))),
        new Change("stop order", r -> r.with(p -> p.stopSequences(List.of("b", "a")))),
        new Change("no tools", r -> r.with(p -> p.toolSpecifications(List.of()))),
        new Change("tool name", r -> r.with(p -> p.toolSpecifications(tool("t2", "d", "a")))),
        new Change("tool text", r -> r.with(p -> p.toolSpecifications(tool("t", "d2", "a")))),
        new Change("tool schema", r -> r.with(p -> p.toolSpecifications(tool("t", "d", "b")))),
        new Change("toolChoice", r -> r.with(p -> p.toolChoice(ToolChoice.REQUIRED))),
        new Change("no format", r -> r.with(p -> p.responseFormat((ResponseFormat) null))),
        new Change("format", r -> r.with(p -> p.responseFormat(ResponseFormat.JSON))),
        new Change("schema name", r -> r.with(p -> p.responseFormat(format("s2", "x", "y")))),
        new Change("schema", r -> r.with(p -> p.responseFormat(format("s", "x", "z")))),
        new Change("schema order", r -> r.with(p -> p.responseFormat(format("s", "y", "x")))),
        new Change("seed", r -> r.with(p -> p.seed = 8)),
        new Change("custom parameter", r -> r.with(p -> p.custom = Map.of("a", 1, "b", 3))),
        new Change("number for text", r -> r.with(p -> p.custom = Map.of("a", 1, "b", "2"))),
        new Change("system text", r -> r.message(0, SystemMessage.from("Be long."))),
        new Change("system as user", r -> r.message(0, UserMessage.from("Be brief."))),
        new Change("user text", r -> r.message(1, user("hello ", "https://a/1", "n"))),
        new Change("user name", r -> r.message(1, user("hello", "https://a/1", "m"))),
        new Change("image", r -> r.message(1, user("hello", "https://a/2", "n"))),
        new Change(
            "image detail",
            r ->
                r.message(
                    1,
                    UserMessage.builder()
                        .name("n")
                        .contents(
                            List.of(
                                TextContent.from("hello"),
                                ImageContent.from("https://a/1", ImageContent.DetailLevel.HIGH)))
                        .build())),
        new Change(
            "other content",
            r ->
                r.message(
                    1,
                    UserMessage.from(
                        "n", TextContent.from("hello"), PdfFileContent.from("https://a/1")))),
        new Change("ai text", r -> r.message(2, ai("thinks", "call", "{}", "said"))),
        new Change("ai thinking", r -> r.message(2, ai("thinks more", "call", "{}", "say"))),
        new Change("ai tool", r -> r.message(2, ai("thinks", "call2", "{}", "say"))),
        new Change("ai arguments", r -> r.message(2, ai("thinks", "call", "{\"a\":1}", "say"))),
        new Change(
            "ai attribute",
            r ->
                r.message(
                    2,
                    AiMessage.builder()
                        .text("say")
                        .thinking("thinks")
                        .toolExecutionRequests(List.of(request("id1", "call", "{}")))
                        .attributes(Map.of("signature", "other"))
                        .build())),
        new Change("tool result", r -> r.message(3, result("id1", "call", "43", null))),
        new Change("tool result's name", r -> r.message(3, result("id1", "call2", "42", null))),
        new Change("tool error", r -> r.message(3, result("id1", "call", "42", true))),
        new Change("result of another call", r -> r.message(3, result("id9", "call", "42", null))),
        new Change("custom message", r -> r.message(4, CustomMessage.from(Map.of("k", "w")))),
        new Change("half surrogate", r -> r.message(0, SystemMessage.from("\uD83D"))),
        new Change("other half surrogate", r -> r.message(0, SystemMessage.from("\uD83E"))),
        new Change("question mark", r -> r.message(0, SystemMessage.from("?"))),
        new Change("one message less", r -> r.messages.remove(4)),
        new Change("one message more", r -> r.messages.add(UserMessage.from("more"))),
        new Change("message order", r -> Collections.swap(r.messages, 0, 1)),
        new Change(
            "split text",
            r ->
                r.message(
                    1,
                    UserMessage.from(
                        "n",
                        TextContent.from("hel"),
                        TextContent.from("lo"),
                        ImageContent.from("https://a/1")))),
        new Change("user", r -> r.scope = Attributes.of("user.id", "bob", "tenant", "acme")),
        new Change("tenant", r -> r.scope = Attributes.of("user.id", "alice", "tenant", "zeta")),
        new Change("no tenant", r -> r.scope = Attributes.of("user.id", "alice")),
        new Change(
            "swapped scope", r -> r.scope = Attributes.of("user.id", "acme", "tenant", "alice")),
        new Change("prompt version", r -> r.scope = ALICE.with(Attributes.PROMPT_VERSION, "8")),
        new Change("number as user", r -> r.scope = Attributes.of("user.id", 1, "tenant", "acme")),
        new Change(
            "digit as user", r -> r.scope = Attributes.of("user.id", "1", "tenant", "acme")));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void oneChange_anotherKey(Change change) {
    Request changed = new Request();
    change.apply.accept(changed);
    assertThat(key(changed)).isNotEqualTo(key(new Request()));
  }

  @Test
  void allChanges_allKeysDiffer() {
    List<String> keys =
        changes()
            .map(
                change -> {
                  Request request = new Request();
                  change.apply.accept(request);
                  return key(request);
                })
            .toList();
    assertThat(keys).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void randomRequests_keysAreEqualExactlyWhenTheRequestsAre(long seed) {
    Random random = new Random(seed);
    List<Change> changes = changes().toList();
    Map<String, String> fingerprints = new HashMap<>();
    for (int i = 0; i < 300; i++) {
      Request request = new Request();
      for (int c = random.nextInt(4); c > 0; c--) {
        Change change = changes.get(random.nextInt(changes.size()));
        if (!change.name.contains("message")) { // those move the others' places
          change.apply.accept(request);
        }
      }
      String fingerprint = request.fingerprint();
      String key = key(request);
      String sameKey = fingerprints.putIfAbsent(key, fingerprint);
      assertThat(sameKey == null || sameKey.equals(fingerprint)).as(fingerprint).isTrue();
      assertThat(fingerprints.entrySet().stream().filter(e -> e.getValue().equals(fingerprint)))
          .hasSize(1);
    }
  }

  @Test
  void session_isNotPartOfTheKey() {
    Request one = new Request();
    one.scope = ALICE.with("session.id", "1");
    Request two = new Request();
    two.scope = ALICE.with("session.id", "2");
    assertThat(key(one)).isEqualTo(key(two));
  }

  @Test
  void toolCallIds_renamedThroughout_sameKey() {
    Request renamed = new Request();
    renamed.message(
        2,
        AiMessage.builder()
            .text("say")
            .thinking("thinks")
            .toolExecutionRequests(List.of(request("another", "call", "{}")))
            .attributes(Map.of("signature", "s"))
            .build());
    renamed.message(3, result("another", "call", "42", null));
    assertThat(key(renamed)).isEqualTo(key(new Request()));
  }

  @Test
  void mapsWithoutOrder_anyOrder_sameKey() {
    Map<String, Object> backwards = new LinkedHashMap<>();
    backwards.put("b", 2);
    backwards.put("a", 1);
    Request request = new Request();
    request.with(p -> p.custom = backwards);
    assertThat(key(request)).isEqualTo(key(new Request()));
  }

  @Test
  void shared_userIsNotPartOfTheKey_butTheTenantIs() {
    Request bob = new Request();
    bob.scope = Attributes.of("user.id", "bob", "tenant", "acme");
    Request zeta = new Request();
    zeta.scope = Attributes.of("user.id", "alice", "tenant", "zeta");
    assertThat(sharedKey(bob)).isEqualTo(sharedKey(new Request()));
    assertThat(sharedKey(zeta)).isNotEqualTo(sharedKey(new Request()));
    assertThat(sharedKey(bob)).isNotEqualTo(key(bob));
  }

  @Test
  void somethingThatIsNotData_noKey() {
    Map<String, Object> loop = new HashMap<>();
    loop.put("self", loop);
    assertThat(isCacheable(Map.of("f", (Runnable) () -> {}))).isFalse();
    assertThat(isCacheable(Map.of("f", List.of(new Object())))).isFalse();
    assertThat(isCacheable(loop)).isFalse();
    assertThat(isCacheable(Map.of("f", List.of(1, "2", 3.0, true)))).isTrue();
  }

  private static boolean isCacheable(Map<String, Object> custom) {
    Request request = new Request();
    request.with(p -> p.custom = custom);
    ResponseCache cache = ResponseCache.builder().build();
    AtomicBoolean cacheable = new AtomicBoolean();
    request.call(
        call -> {
          cacheable.set(cache.slot(call) != null);
          return call;
        });
    return cacheable.get();
  }

  private static String key(Request request) {
    return request.call(call -> RequestKey.of(call, false));
  }

  private static String sharedKey(Request request) {
    return request.call(call -> RequestKey.of(call, true));
  }

  private static ToolSpecification tool(String name, String description, String parameter) {
    return ToolSpecification.builder()
        .name(name)
        .description(description)
        .parameters(JsonObjectSchema.builder().addStringProperty(parameter, "text").build())
        .build();
  }

  private static ResponseFormat format(String name, String first, String second) {
    return ResponseFormat.builder()
        .type(ResponseFormatType.JSON)
        .jsonSchema(
            JsonSchema.builder()
                .name(name)
                .rootElement(
                    JsonObjectSchema.builder()
                        .addStringProperty(first)
                        .addNumberProperty(second)
                        .build())
                .build())
        .build();
  }

  private static UserMessage user(String text, String image, String name) {
    return UserMessage.from(name, TextContent.from(text), ImageContent.from(image));
  }

  private static AiMessage ai(String thinking, String tool, String arguments, String text) {
    return AiMessage.builder()
        .text(text)
        .thinking(thinking)
        .toolExecutionRequests(List.of(request("id1", tool, arguments)))
        .attributes(Map.of("signature", "s"))
        .build();
  }

  private static ToolExecutionRequest request(String id, String name, String arguments) {
    return ToolExecutionRequest.builder().id(id).name(name).arguments(arguments).build();
  }

  private static ToolExecutionResultMessage result(
      String id, String name, String text, Boolean isError) {
    return ToolExecutionResultMessage.builder()
        .id(id)
        .toolName(name)
        .text(text)
        .isError(isError)
        .build();
  }

  record Change(String name, Consumer<Request> apply) {

    @Override
    public String toString() {
      return name;
    }
  }

  /** A request with something in every field. */
  static final class Request {

    private final List<ChatMessage> messages =
        new ArrayList<>(
            List.of(
                SystemMessage.from("Be brief."),
                user("hello", "https://a/1", "n"),
                ai("thinks", "call", "{}", "say"),
                result("id1", "call", "42", null),
                CustomMessage.from(Map.of("k", "v"))));
    private final Parameters.Builder parameters = new Parameters.Builder();
    private Attributes scope = ALICE;
    private ModelProvider provider = ModelProvider.OPEN_AI;

    Request() {
      parameters
          .modelName("gpt-4")
          .temperature(0.7)
          .topP(0.9)
          .topK(40)
          .frequencyPenalty(0.2)
          .presencePenalty(0.3)
          .maxOutputTokens(100)
          .stopSequences(List.of("a", "b"))
          .toolSpecifications(tool("t", "d", "a"))
          .toolChoice(ToolChoice.AUTO)
          .responseFormat(format("s", "x", "y"));
    }

    void with(Consumer<Parameters.Builder> change) {
      change.accept(parameters);
    }

    void message(int index, ChatMessage message) {
      messages.set(index, message);
    }

    String fingerprint() {
      Object user = scope.get("user.id"); // 1 and "1" read the same
      return provider
          + "\n"
          + messages
          + "\n"
          + parameters.build()
          + "\n"
          + scope
          + user.getClass();
    }

    /** What a function makes of this request as an interceptor sees it. */
    <T> T call(Function<ModelCall, T> function) {
      AtomicReference<T> seen = new AtomicReference<>();
      AtomicReference<RuntimeException> thrown = new AtomicReference<>();
      ChatInterceptor probe =
          new ChatInterceptor() {
            @Override
            public ChatResponse before(ModelCall call) {
              try {
                seen.set(function.apply(call));
              } catch (RuntimeException e) {
                thrown.set(e);
              }
              return null;
            }
          };
      AgentOps ops = AgentOps.with(probe).build();
      ChatModel model =
          ops.wrap(
              new ChatModel() {
                @Override
                public ChatResponse doChat(ChatRequest request) {
                  return ChatResponse.builder().aiMessage(AiMessage.from("answer")).build();
                }

                @Override
                public ModelProvider provider() {
                  return provider;
                }
              });
      try (Scope ignored = ops.scope(scope)) {
        model.chat(
            ChatRequest.builder()
                .messages(messages)
                .parameters(new Parameters(parameters))
                .build());
      }
      if (thrown.get() != null) {
        throw thrown.get();
      }
      return seen.get();
    }
  }

  /** As a provider's module extends the common parameters. */
  static final class Parameters extends DefaultChatRequestParameters {

    private final Integer seed;
    private final Map<String, Object> custom;

    Parameters(Builder builder) {
      super(builder);
      this.seed = builder.seed;
      this.custom = builder.custom;
    }

    @Override
    public ChatRequestParameters defaultedBy(ChatRequestParameters that) {
      return this;
    }

    @Override
    public String toString() {
      return super.toString() + seed + typed();
    }

    private String typed() {
      Map<String, String> types = new java.util.TreeMap<>();
      custom.forEach((k, v) -> types.put(k, v.getClass().getSimpleName() + v));
      return types.toString();
    }

    static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {

      private Integer seed = 7;
      private Map<String, Object> custom = Map.of("a", 1, "b", 2);

      @Override
      public ChatRequestParameters build() {
        return new Parameters(this);
      }
    }
  }
}
