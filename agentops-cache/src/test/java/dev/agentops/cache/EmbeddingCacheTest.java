package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.ChatInterceptor;
import dev.agentops.Cost;
import dev.agentops.EmbeddingCall;
import dev.agentops.EmbeddingInterceptor;
import dev.agentops.Outcome;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.UsageReport;
import dev.agentops.event.CacheEvent;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingCacheTest {

  private final TestClock clock = TestClock.create();
  private final Model model = new Model();
  private final EmbeddingCache cache = EmbeddingCache.builder().clock(clock).build();
  private final EmbeddingModel cached = cache.wrap(model);

  @Test
  void onlyMissingTextsAreAsked_eachOnce_inOneCall_andOrderIsKept() {
    cached.embedAll(segments("a", "bb"));
    Response<List<Embedding>> answer = cached.embedAll(segments("ccc", "a", "dddd", "ccc", "bb"));
    assertThat(model.asked).containsExactly(List.of("a", "bb"), List.of("ccc", "dddd"));
    assertThat(answer.content())
        .extracting(Embedding::vector)
        .containsExactly(vector("ccc"), vector("a"), vector("dddd"), vector("ccc"), vector("bb"));
    assertThat(answer.tokenUsage().inputTokenCount()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33})
  void randomTexts_sameVectorsAsTheModel(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      List<String> texts =
          Stream.generate(() -> "x".repeat(1 + random.nextInt(40)))
              .limit(1 + random.nextInt(8))
              .toList();
      List<Embedding> answer = cached.embedAll(segments(texts.toArray(String[]::new))).content();
      assertThat(answer).isEqualTo(model.vectors(texts));
    }
    assertThat(model.asked.stream().flatMap(List::stream)).doesNotHaveDuplicates();
  }

  @Test
  void allOverloads_shareOneVector() {
    cached.embed("text");
    cached.embed(TextSegment.from("text"));
    cached.embedAll(segments("text"));
    cached.embed(request("text").build());
    assertThat(cached.doEmbed(request("text").build()).embeddings())
        .containsExactly(Embedding.from(vector("text")));
    assertThat(model.asked).hasSize(1);
  }

  @Test
  void allKept_consumesNothing() {
    cached.embed("text");
    assertThat(cached.embed("text").tokenUsage()).isEqualTo(new TokenUsage(0, 0));
    EmbeddingResponse response = cached.embed(request("text").build());
    assertThat(response.tokenUsage()).isEqualTo(new TokenUsage(0, 0));
    assertThat(response.modelName()).isEqualTo("model-1");
  }

  @Test
  void whatDecidesTheVector_isInTheKey() {
    EmbeddingModel other = cache.wrapAs("model-2", model);
    List<Runnable> calls =
        List.of(
            () -> cached.embed("text"),
            () -> cached.embed("text "),
            () -> other.embed("text"),
            () -> cached.embed(request("text").modelName("model-3").build()),
            () -> cached.embed(request("text").dimensions(2).build()),
            () -> cached.embed(request("text").inputType(EmbeddingInputType.QUERY).build()),
            () -> cached.embed(request("text").inputType(EmbeddingInputType.DOCUMENT).build()),
            () -> cached.embed(TextSegment.from("text", Metadata.from("title", "t"))),
            () -> cached.embed(TextSegment.from("text", Metadata.from("title", "u"))));
    for (int i = 0; i < calls.size(); i++) {
      calls.get(i).run();
      assertThat(model.asked).hasSize(i + 1);
    }
    calls.forEach(Runnable::run);
    assertThat(model.asked).hasSize(calls.size());
  }

  @Test
  void receiverChangesItsVector_othersDoNotSeeIt() {
    cached.embed("text").content().vector()[0] = 99;
    cached.embed("text").content().normalize();
    assertThat(cached.embed("text").content().vector()).isEqualTo(vector("text"));
  }

  @Test
  void modelThrows_nothingIsKept_andTheNextCallAsksAgain() {
    cached.embedAll(segments("a"));
    model.fails = new IllegalStateException("down");
    assertThatThrownBy(() -> cached.embedAll(segments("a", "b"))).isSameAs(model.fails);
    model.fails = null;
    assertThat(cached.embedAll(segments("a", "b")).content()).hasSize(2);
    assertThat(model.asked).containsExactly(List.of("a"), List.of("b"), List.of("b"));
  }

  @Test
  void invalidatedWhileTheModelIsAsked_isNotKept() {
    model.inside = cache::invalidateAll;
    cached.embed("text");
    model.inside = () -> {};
    cached.embed("text");
    assertThat(model.asked).hasSize(2);
    cached.embed("text");
    assertThat(model.asked).hasSize(2);
  }

  @Test
  void control_ofTheScope_isUnderstood() {
    cached.embed("text");
    under("no-cache", () -> cached.embed("text"));
    under("no-store", () -> cached.embed("text"));
    under("no-store", () -> cached.embed("other"));
    assertThat(model.asked).hasSize(4);
    cached.embed("text");
    assertThat(model.asked).hasSize(4);
    cached.embed("other");
    assertThat(model.asked).hasSize(5);
  }

  @Test
  void controlOfTheOps_isUnderstood_andToldAsAnEvent() {
    List<OpsEvent> events = new ArrayList<>();
    AgentOps ops =
        AgentOps.with()
            .attributes(Attributes.of(ResponseCache.CONTROL, "no-cache"))
            .listener(events::add)
            .build();
    EmbeddingModel outer = ops.wrap(cached);
    outer.embed("text");
    outer.embed("text");
    assertThat(model.asked).hasSize(2);
    assertThat(events)
        .filteredOn(CacheEvent.class::isInstance)
        .extracting(event -> ((CacheEvent) event).type())
        .containsExactly(CacheEvent.Type.REFRESH, CacheEvent.Type.REFRESH);
  }

  private static void under(String control, Runnable action) {
    try (Scope ignored =
        AgentOps.with().build().scope(Attributes.of(ResponseCache.CONTROL, control))) {
      action.run();
    }
  }

  @Test
  void modelAnswersWithTooFew_asWithoutACache() {
    cached.embed("a");
    model.drops = 1;
    assertThat(cached.embedAll(segments("b", "c")).content()).hasSize(1);
    assertThat(cached.embedAll(segments("a", "b", "c")).content()).hasSize(2);
    model.drops = 0;
    assertThat(cached.embedAll(segments("b", "c")).content())
        .isEqualTo(model.vectors(List.of("b", "c")));
  }

  @Test
  void nullAndEmpty_asWithoutACache() {
    assertThatThrownBy(() -> cached.embed((String) null)).isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> cached.embed((TextSegment) null)).isInstanceOf(RuntimeException.class);
    assertThat(cached.embedAll(List.of()).content()).isEmpty();
  }

  @Test
  void parameterThatIsNoData_asWithoutACache() {
    EmbeddingParameter<Object> hook = new EmbeddingParameter<>("hook", Object.class);
    model.supported = Set.of(hook);
    EmbeddingRequest request =
        EmbeddingRequest.builder()
            .input("text")
            .parameters(EmbeddingRequestParameters.builder().set(hook, (Runnable) () -> {}).build())
            .build();
    cached.embed(request);
    cached.embed(request);
    assertThat(model.asked).hasSize(2);
  }

  @Test
  void modelWithoutAName_isRefused() {
    EmbeddingModel nameless = new EmbeddingModel() {};
    assertThatThrownBy(() -> cache.wrap(nameless))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'unknown'");
    assertThatThrownBy(() -> cache.wrapAs(" ", nameless)).hasMessageContaining("' '");
  }

  @Test
  void store_isSharedByProcesses() {
    InMemoryCacheStore store = new InMemoryCacheStore("store", clock);
    EmbeddingCache.builder().clock(clock).remote(store).build().wrap(model).embed("text");
    EmbeddingModel other = EmbeddingCache.builder().clock(clock).remote(store).build().wrap(model);
    assertThat(other.embed("text").content().vector()).isEqualTo(vector("text"));
    assertThat(model.asked).hasSize(1);
  }

  @Test
  void insideOfAChain_callIsPricedForWhatTheModelWasAsked() {
    List<OpsEvent> events = new ArrayList<>();
    Billing billing = new Billing();
    AgentOps ops = AgentOps.with(billing).listener(events::add).clock(clock).build();
    EmbeddingModel wrapped = ops.wrap(cached);

    wrapped.embedAll(segments("a", "bb"));
    wrapped.embedAll(segments("a", "bb", "ccc"));
    wrapped.embedAll(segments("a", "bb"));
    wrapped.embed(request("bb").build());

    assertThat(billing.inputTokens).containsExactly(3L, 3L, null, null);
    assertThat(calls(events))
        .extracting(ModelCallEvent::cached)
        .containsExactly(false, false, true, true);
    assertThat(calls(events).get(2).cost()).contains(Cost.ZERO);
    assertThat(events.stream().filter(CacheEvent.class::isInstance).map(CacheEvent.class::cast))
        .extracting(CacheEvent::type)
        .containsExactly(
            CacheEvent.Type.MISS, CacheEvent.Type.MISS, CacheEvent.Type.HIT, CacheEvent.Type.HIT);
  }

  @Test
  void insideOfAChain_modelTellsNoUsage_estimateIsOfWhatItWasAsked() {
    model.usage = false;
    Billing billing = new Billing();
    EmbeddingModel wrapped = AgentOps.with(billing).clock(clock).build().wrap(cached);
    wrapped.embed("word ".repeat(400));
    wrapped.embedAll(segments("word ".repeat(400), "word"));
    wrapped.embed("word");
    assertThat(billing.inputTokens.get(0)).isGreaterThan(300);
    assertThat(billing.inputTokens.get(1)).isLessThan(5);
    assertThat(billing.inputTokens.get(2)).isNull();
  }

  @Test
  void aroundAChain_chainSeesWhatReachesTheModel() {
    List<OpsEvent> events = new ArrayList<>();
    Billing billing = new Billing();
    AgentOps ops = AgentOps.with(billing).listener(events::add).clock(clock).build();
    EmbeddingModel wrapped = cache.wrap(ops.wrap(model));

    wrapped.embedAll(segments("a", "bb"));
    wrapped.embedAll(segments("a", "bb", "ccc"));
    wrapped.embedAll(segments("a", "bb"));

    assertThat(billing.inputTokens).containsExactly(3L, 3L);
    assertThat(events).hasSize(2).allMatch(ModelCallEvent.class::isInstance);
  }

  @Test
  void codec_readsWhatItWrites_andRefusesTheRest() throws IOException {
    EmbeddingCodec codec = new EmbeddingCodec();
    float[] vector = {0f, -0f, 1.5f, Float.MIN_VALUE, Float.NaN, Float.POSITIVE_INFINITY};
    byte[] bytes = codec.encode(vector);
    assertThat(bytes).hasSize(24);
    assertThat(codec.decode(bytes)).isEqualTo(vector);
    assertThatThrownBy(() -> codec.decode(new byte[0])).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> codec.decode(new byte[7])).hasMessageContaining("7 bytes");
  }

  private static List<ModelCallEvent> calls(List<OpsEvent> events) {
    return events.stream()
        .filter(ModelCallEvent.class::isInstance)
        .map(ModelCallEvent.class::cast)
        .toList();
  }

  private static EmbeddingRequest.Builder request(String text) {
    return EmbeddingRequest.builder().input(text);
  }

  private static List<TextSegment> segments(String... texts) {
    return Stream.of(texts).map(TextSegment::from).toList();
  }

  private static float[] vector(String text) {
    return new float[] {text.length(), text.hashCode()};
  }

  /** What a cost interceptor would bill. */
  private static final class Billing implements ChatInterceptor, EmbeddingInterceptor {

    private final List<Long> inputTokens = new ArrayList<>();

    @Override
    public void after(EmbeddingCall call, Outcome<EmbeddingResponse> outcome) {
      UsageReport report = call.billedReport(outcome);
      inputTokens.add(report == null ? null : report.usage().inputTokens());
    }
  }

  /** Embeds a text as its length and hash, and bills a token a character. */
  private static final class Model implements EmbeddingModel {

    private final List<List<String>> asked = new ArrayList<>();
    private Runnable inside = () -> {};
    private RuntimeException fails;
    private int drops;
    private boolean usage = true;
    private Set<EmbeddingParameter<?>> supported =
        Set.of(
            EmbeddingRequestParameters.MODEL_NAME,
            EmbeddingRequestParameters.DIMENSIONS,
            EmbeddingRequestParameters.INPUT_TYPE);

    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
      List<String> texts = segments.stream().map(TextSegment::text).toList();
      if (texts.isEmpty()) {
        return Response.from(List.of());
      }
      asked.add(texts);
      inside.run();
      if (fails != null) {
        throw fails;
      }
      List<Embedding> vectors = vectors(texts);
      int characters = texts.stream().mapToInt(String::length).sum();
      return Response.from(
          vectors.subList(drops, vectors.size()), usage ? new TokenUsage(characters) : null);
    }

    @Override
    public Response<Embedding> embed(TextSegment segment) {
      Response<List<Embedding>> all = embedAll(List.of(segment));
      return Response.from(all.content().get(0), all.tokenUsage());
    }

    @Override
    public Set<EmbeddingParameter<?>> supportedParameters() {
      return supported;
    }

    @Override
    public String modelName() {
      return "model-1";
    }

    private List<Embedding> vectors(List<String> texts) {
      return texts.stream().map(text -> Embedding.from(vector(text))).toList();
    }
  }
}
