package dev.agentops.tracing.conformance;

import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.query.Query;
import java.util.List;

/** A retrieval. How its span is called is the tracer's; so it should be alone under its parent. */
final class RetrievalStep extends Step {

  RetrievalStep(Plan plan, Body body, Fault fault) {
    super(plan, body, fault);
  }

  @Override
  void expect(Expected parent, Carrier carrier) {
    own =
        parent
            .child("retrieval", Expected.ANY)
            .failsWith(thrown())
            .noted(id + " " + fault + " " + carrier);
    body.expect(own);
  }

  @Override
  void perform(Stage stage) {
    stage.retriever().retrieve(Query.from(id));
  }

  /** A retriever that does as the step says whose id is the query. */
  record Retriever(Stage stage) implements ContentRetriever {

    @Override
    public List<Content> retrieve(Query query) {
      stage.find(query.text(), RetrievalStep.class).work(stage);
      return List.of(Content.from("found"));
    }
  }
}
