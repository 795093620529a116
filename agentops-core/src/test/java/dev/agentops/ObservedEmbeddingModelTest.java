package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.RecordingInterceptor;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ObservedEmbeddingModelTest {

  private final RecordingInterceptor seen = new RecordingInterceptor();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final AgentOps ops = AgentOps.with(seen).listener(events::add).build();

  @Test
  void embed_everyOverload_isObservedOnce() {
    EmbeddingModel model = ops.wrap(new Lengths());

    assertThat(model.embed("four").content().vector()).containsExactly(4f);
    assertThat(model.embed(TextSegment.from("seven!!")).content().vector()).containsExactly(7f);
    assertThat(model.embedAll(List.of(TextSegment.from("a"), TextSegment.from("bb"))).content())
        .hasSize(2);
    assertThat(
            model
                .embed(EmbeddingRequest.builder().textSegment(TextSegment.from("abc")).build())
                .embeddings())
        .hasSize(1);

    assertThat(seen.ended()).hasSize(4);
    assertThat(((EmbeddingCall) seen.begun().get(2)).texts()).containsExactly("a", "bb");
    ModelCallEvent event = (ModelCallEvent) events.get(0);
    assertThat(event.operation()).isEqualTo("embeddings");
    assertThat(event.requestModel()).isEqualTo("lengths");
    assertThat(event.provider()).isEqualTo("ollama");
    assertThat(event.usage()).contains(Usage.of(3, 0));
  }

  @Test
  void embedAll_responseOfTheModel_isHandedOverAsItIs() {
    Response<List<Embedding>> response =
        ops.wrap(new Lengths()).embedAll(List.of(TextSegment.from("a")));

    assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(response.metadata()).containsEntry("k", "v");
  }

  @Test
  void wrap_describingMethods_areTheModelsOwn() {
    EmbeddingModel model = ops.wrap(new Lengths());

    assertThat(model.dimension()).isEqualTo(1);
    assertThat(model.modelName()).isEqualTo("lengths");
    assertThat(model.provider()).isEqualTo(ModelProvider.OLLAMA);
    assertThat(seen.begun()).isEmpty();
  }

  @Test
  void embed_interceptorAnswers_eachOverloadSpeaksItsOwnType() {
    AgentOps answering = AgentOps.with(new Answering()).build();
    EmbeddingModel model = answering.wrap(new Failing());

    assertThat(model.embed("x").content().vector()).containsExactly(9f);
    assertThat(model.embedAll(List.of(TextSegment.from("x"))).content()).hasSize(1);
    assertThat(
            model
                .embed(EmbeddingRequest.builder().textSegment(TextSegment.from("x")).build())
                .embeddings())
        .hasSize(1);
  }

  @Test
  void embed_modelFails_afterRuns() {
    assertThatThrownBy(() -> ops.wrap(new Failing()).embed("x")).hasMessage("no embeddings today");

    assertThat(seen.ended()).hasSize(1);
    assertThat(((ModelCallEvent) events.get(0)).errorType())
        .isEqualTo("java.lang.IllegalStateException");
  }

  @Test
  void embed_nothing_isAnsweredAsByTheModelItself() {
    EmbeddingModel bare = new Failing();
    EmbeddingModel model = ops.wrap(bare);

    assertThatThrownBy(() -> model.embed((String) null))
        .hasSameClassAs(catchThrowable(() -> bare.embed((String) null)));
    assertThat(ops.wrap(new Nothing()).embedAll(null).content()).isEmpty();
    assertThat(ops.wrap(new Nothing()).embedAll(List.of()).content()).isEmpty();
    assertThat(events).isEmpty();
  }

  @Test
  void embed_responseOfAMock_isHandedOverAndEndsTheCall() {
    EmbeddingModel broken = mock(EmbeddingModel.class);
    when(broken.embed("x")).thenReturn(mock());

    assertThat(ops.wrap(broken).embed("x")).isNotNull();
    assertThat(seen.ended()).hasSize(1);
  }

  private static final class Lengths implements EmbeddingModel {

    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
      List<Embedding> embeddings =
          segments.stream()
              .map(segment -> Embedding.from(new float[] {segment.text().length()}))
              .toList();
      return new Response<>(embeddings, new TokenUsage(3), FinishReason.STOP, Map.of("k", "v"));
    }

    @Override
    public ModelProvider provider() {
      return ModelProvider.OLLAMA;
    }

    @Override
    public int dimension() {
      return 1;
    }

    @Override
    public String modelName() {
      return "lengths";
    }
  }

  private static final class Failing implements EmbeddingModel {

    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
      throw new IllegalStateException("no embeddings today");
    }
  }

  private static final class Answering implements ChatInterceptor, EmbeddingInterceptor {

    @Override
    public EmbeddingResponse before(EmbeddingCall call) {
      return EmbeddingResponse.builder()
          .embeddings(call.texts().stream().map(text -> Embedding.from(new float[] {9f})).toList())
          .build();
    }
  }

  private static final class Nothing implements EmbeddingModel {}
}
