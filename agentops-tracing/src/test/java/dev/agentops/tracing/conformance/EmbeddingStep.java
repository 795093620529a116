package dev.agentops.tracing.conformance;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import java.util.Collections;
import java.util.List;

/** A call of an embedding model. */
final class EmbeddingStep extends Step {

  EmbeddingStep(Plan plan, Body body, Fault fault) {
    super(plan, body, fault);
  }

  @Override
  void expect(Expected parent, Carrier carrier) {
    expect(parent, "embeddings", carrier);
  }

  @Override
  void perform(Stage stage) {
    stage.subject().wrap(new Model(this, stage)).embed("text");
  }

  private record Model(EmbeddingStep step, Stage stage) implements EmbeddingModel {

    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
      step.work(stage);
      return Response.from(
          Collections.nCopies(segments.size(), Embedding.from(new float[] {1, 2})));
    }

    @Override
    public String modelName() {
      return step.id;
    }
  }
}
