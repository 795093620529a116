package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.audio.Audio;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ChatMessageType;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ContentType;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.PdfFileContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.message.VideoContent;
import dev.langchain4j.data.pdf.PdfFile;
import dev.langchain4j.data.video.Video;
import dev.langchain4j.model.chat.request.json.JsonAnyOfSchema;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonBooleanSchema;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonIntegerSchema;
import dev.langchain4j.model.chat.request.json.JsonNumberSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonReferenceSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageChainTest {

  @Test
  void messagesOfTheLastTurn_sameHashAsNewOnes() {
    List<ChatMessage> messages = new ArrayList<>();
    for (int turn = 0; turn < 30; turn++) {
      messages.add(UserMessage.from("question " + turn));
      messages.add(asking("id" + turn, "look up " + turn));
      messages.add(ToolExecutionResultMessage.from("id" + turn, "look up " + turn, "42"));
      messages.add(AiMessage.from("answer " + turn));
      assertThat(hash(messages)).isEqualTo(hash(copies(messages)));
    }
  }

  /** Messages that are in many dialogues, at different places and after different ones. */
  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23})
  void sharedMessages_sameHashAsNewOnes(long seed) {
    Random random = new Random(seed);
    List<ChatMessage> shared = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      shared.add(UserMessage.from("text " + i));
      shared.add(asking("id" + i, "tool " + i % 3));
      shared.add(ToolExecutionResultMessage.from("id" + i, "tool " + i % 3, "42"));
    }
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < 2_000; i++) {
      List<ChatMessage> dialogue = new ArrayList<>();
      for (int n = random.nextInt(6); n >= 0; n--) {
        dialogue.add(shared.get(random.nextInt(shared.size())));
      }
      String hash = hash(dialogue);
      assertThat(hash).as("%s", dialogue).isEqualTo(hash(copies(dialogue)));
      seen.put(hash, hash(copies(dialogue)));
    }
    assertThat(seen).hasSizeGreaterThan(500);
  }

  @Test
  void manyThreads_sameMessages_sameHashes() {
    List<ChatMessage> messages = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      messages.add(UserMessage.from("text " + i));
    }
    Set<String> hashes =
        Stream.generate(() -> messages)
            .limit(500)
            .parallel()
            .map(MessageChainTest::hash)
            .collect(HashSet::new, Set::add, Set::addAll);
    assertThat(hashes).containsExactly(hash(copies(messages)));
  }

  @Test
  void attributesAddedToAUserMessage_anotherHash() {
    UserMessage message = UserMessage.from("hello");
    List<ChatMessage> dialogue = List.of(message, AiMessage.from("hi"));
    String before = hash(dialogue);
    message.attributes().put("k", "v");
    String after = hash(dialogue);
    message.attributes().clear();
    assertThat(after).isNotEqualTo(before);
    assertThat(hash(dialogue)).isEqualTo(before);
  }

  @Test
  void changedBytesOfAnAudio_anotherHash() {
    byte[] sound = {1, 2, 3};
    Audio audio = Audio.builder().binaryData(sound).build();
    List<ChatMessage> dialogue =
        List.of(UserMessage.from(AudioContent.from(audio)), AiMessage.from("a bell"));
    String before = hash(dialogue);
    audio.binaryData()[0] = 9;
    assertThat(hash(dialogue)).isNotEqualTo(before);
  }

  @Test
  void changedValueOfAnAttribute_anotherHash() {
    List<String> value = new ArrayList<>(List.of("a"));
    List<ChatMessage> dialogue =
        List.of(
            AiMessage.builder().text("hi").attributes(Map.of("k", value)).build(),
            CustomMessage.from(Map.of("k", value)));
    String before = hash(dialogue);
    value.add("b");
    assertThat(hash(dialogue)).isNotEqualTo(before);
  }

  @Test
  void messageOfAForeignClass_isHashedAnew() {
    class Note implements ChatMessage {
      String text = "a";

      @Override
      public ChatMessageType type() {
        return ChatMessageType.CUSTOM;
      }
    }
    Note note = new Note();
    String before = hash(List.of(note));
    note.text = "b";
    assertThat(hash(List.of(note))).isNotEqualTo(before);
  }

  @Test
  void messagesThatNobodyHolds_areForgotten() {
    List<ChatMessage> messages = new ArrayList<>();
    int before = MessageChain.size();
    for (int i = 0; i < 5_000; i++) {
      messages.add(UserMessage.from("text " + i));
    }
    hash(messages);
    assertThat(MessageChain.size()).isGreaterThan(before);
    messages.clear();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              System.gc();
              hash(List.of(SystemMessage.from("sweeps up"))); // what is gone leaves at the next put
              return MessageChain.size() < 5_000;
            });
  }

  @Test
  void noMessages_hashOfNothing() {
    assertThat(hash(List.of())).isEmpty();
  }

  /** A sample of every type of message and content that LangChain4j has. */
  static Stream<Sample> samples() {
    return Stream.of(
        new Sample(() -> SystemMessage.from("text")),
        new Sample(() -> UserMessage.from("name", TextContent.from("text"))),
        new Sample(
            () ->
                AiMessage.builder()
                    .text("text")
                    .thinking("thinking")
                    .toolExecutionRequests(
                        List.of(
                            ToolExecutionRequest.builder()
                                .id("id")
                                .name("name")
                                .arguments("{}")
                                .build()))
                    .attributes(Map.of("k", "v"))
                    .build()),
        new Sample(() -> ToolExecutionResultMessage.from("id", "tool", "text")),
        new Sample(() -> CustomMessage.from(Map.of("k", "v"))),
        new Sample(() -> ImageContent.from(Image.builder().base64Data("aa").build())),
        new Sample(() -> AudioContent.from(Audio.builder().base64Data("aa").build())),
        new Sample(() -> VideoContent.from(Video.builder().base64Data("aa").build())),
        new Sample(() -> PdfFileContent.from(PdfFile.builder().base64Data("aa").build())),
        new Sample(() -> TextContent.from("text")),
        new Sample(MessageChainTest::toolWithEverySchema),
        new Sample(
            () ->
                JsonSchema.builder()
                    .name("name")
                    .rootElement(JsonRawSchema.from("{\"type\":\"object\"}"))
                    .build()));
  }

  @Test
  void samples_areOfAllTypes() {
    Set<Class<?>> classes = new HashSet<>();
    samples().forEach(sample -> classes.add(sample.make.get().getClass()));
    assertThat(classes)
        .containsAll(Arrays.stream(ChatMessageType.values()).map(t -> t.messageClass()).toList())
        .containsAll(Arrays.stream(ContentType.values()).map(t -> t.getContentClass()).toList());
  }

  /** Each field in turn, however deep, set to another value in an object of its own. */
  @ParameterizedTest
  @MethodSource("samples")
  void oneFieldChanged_anotherHash(Sample sample) throws Exception {
    String unchanged = anyHash(sample.make.get());
    List<List<Object>> paths = new ArrayList<>();
    collectPaths(sample.make.get(), List.of(), paths);
    assertThat(paths).isNotEmpty();
    Set<String> hashes = new HashSet<>(Set.of(unchanged));
    for (List<Object> path : paths) {
      Object changed = sample.make.get();
      change(changed, path);
      assertThat(hashes.add(anyHash(changed))).as("%s", path).isTrue();
    }
  }

  /** Paths of fields and places in lists and maps, from an object to each of its fields. */
  private static void collectPaths(Object at, List<Object> to, List<List<Object>> paths)
      throws IllegalAccessException {
    if (at instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        collectPaths(list.get(i), append(to, i), paths);
      }
    } else if (at instanceof Map<?, ?> map) {
      for (Object key : map.keySet()) {
        collectPaths(map.get(key), append(to, key), paths);
      }
    } else if (at != null
        && !(at instanceof Enum)
        && at.getClass().getName().startsWith("dev.langchain4j.")) {
      for (Field field : fields(at)) {
        List<Object> path = append(to, field);
        if (!isToolCallId(field)) {
          paths.add(path);
        }
        collectPaths(field.get(at), path, paths);
      }
    }
  }

  private static boolean isToolCallId(Field field) {
    return field.getName().equals("id");
  }

  private static void change(Object object, List<Object> path) throws IllegalAccessException {
    Object at = object;
    for (Object step : path.subList(0, path.size() - 1)) {
      at =
          step instanceof Field field
              ? field.get(at)
              : step instanceof Integer index && at instanceof List<?> list
                  ? list.get(index)
                  : ((Map<?, ?>) at).get(step);
    }
    Field field = (Field) path.get(path.size() - 1);
    field.set(at, another(field.getType(), field.get(at)));
  }

  private static Object another(Class<?> type, Object value) {
    if (type == String.class) {
      return value == null ? "" : value + "x";
    } else if (type == Boolean.class) {
      return !Boolean.TRUE.equals(value);
    } else if (type == URI.class) {
      return URI.create("https://example.com/x");
    } else if (type == byte[].class) {
      return new byte[] {7};
    } else if (type == List.class) {
      List<Object> longer = new ArrayList<>((List<?>) value);
      longer.add(longer.isEmpty() ? "x" : longer.get(0));
      return longer;
    } else if (type == Map.class) {
      Map<Object, Object> larger = new HashMap<>((Map<?, ?>) value);
      larger.put("x", larger.isEmpty() ? "x" : larger.values().iterator().next());
      return larger;
    } else if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants()).filter(c -> c != value).findFirst().get();
    }
    return null; // an object in place of which there is none
  }

  private static List<Field> fields(Object object) {
    List<Field> fields = new ArrayList<>();
    for (Class<?> c = object.getClass(); c != Object.class; c = c.getSuperclass()) {
      for (Field field : c.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
          field.setAccessible(true);
          fields.add(field);
        }
      }
    }
    return fields;
  }

  private static List<Object> append(List<Object> path, Object step) {
    List<Object> longer = new ArrayList<>(path);
    longer.add(step);
    return longer;
  }

  private static ToolSpecification toolWithEverySchema() {
    return ToolSpecification.builder()
        .name("name")
        .description("description")
        .parameters(
            JsonObjectSchema.builder()
                .description("object")
                .addProperty("array", JsonArraySchema.builder().items(string("a")).build())
                .addProperty("enum", JsonEnumSchema.builder().enumValues("a", "b").build())
                .addProperty("any", JsonAnyOfSchema.builder().anyOf(string("b")).build())
                .addProperty("ref", JsonReferenceSchema.builder().reference("r").build())
                .addProperty("int", JsonIntegerSchema.builder().description("i").build())
                .addProperty("number", JsonNumberSchema.builder().description("n").build())
                .addProperty("truth", JsonBooleanSchema.builder().description("t").build())
                .addProperty("raw", JsonRawSchema.from("{}"))
                .required("array")
                .additionalProperties(false)
                .definitions(Map.of("r", string("r")))
                .build())
        .metadata(Map.of("k", "v"))
        .build();
  }

  private static JsonStringSchema string(String description) {
    return JsonStringSchema.builder().description(description).build();
  }

  private static AiMessage asking(String id, String tool) {
    return AiMessage.from(ToolExecutionRequest.builder().id(id).name(tool).arguments("{}").build());
  }

  private static List<ChatMessage> copies(List<ChatMessage> messages) {
    return messages.stream().map(MessageChainTest::copy).toList();
  }

  private static ChatMessage copy(ChatMessage message) {
    if (message instanceof UserMessage user) {
      return user.toBuilder().build();
    } else if (message instanceof AiMessage ai) {
      return ai.toBuilder().build();
    }
    return ((ToolExecutionResultMessage) message).toBuilder().build();
  }

  private static String anyHash(Object object) {
    if (object instanceof ChatMessage message) {
      return hash(List.of(message));
    } else if (object instanceof Content content) {
      return hash(List.of(UserMessage.from(content)));
    }
    RequestHash hash = new RequestHash(CanonicalHash.sha256());
    hash.add(object);
    return hash.finishHex();
  }

  private static String hash(List<ChatMessage> messages) {
    return HexFormat.of().formatHex(MessageChain.hash(messages, CanonicalHash.sha256()));
  }

  record Sample(Supplier<Object> make) {

    @Override
    public String toString() {
      return make.get().getClass().getSimpleName();
    }
  }
}
