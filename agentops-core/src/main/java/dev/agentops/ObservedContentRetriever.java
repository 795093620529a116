package dev.agentops;

import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.query.Query;
import java.util.List;

/** A content retriever behind the chain. */
final class ObservedContentRetriever implements ContentRetriever {

  private final AgentOps ops;
  private final ContentRetriever delegate;
  private final String dataSource;

  ObservedContentRetriever(AgentOps ops, ContentRetriever delegate, String dataSource) {
    this.ops = ops;
    this.delegate = delegate;
    this.dataSource = dataSource;
  }

  boolean isOf(AgentOps other) {
    return ops == other;
  }

  @Override
  public List<Content> retrieve(Query query) {
    RetrievalCall call = new RetrievalCall(ops, contextOf(query), dataSource, query.text());
    return Observation.run(call, ops.chains().retrievals(), () -> delegate.retrieve(query));
  }

  /**
   * The thread's own context; on the pool of a retrieval augmentor, which has none, that of the
   * augmentor.
   */
  private Context contextOf(Query query) {
    Context current = Context.current();
    if (current != Context.root() || query.metadata() == null) {
      return current;
    }
    Context remembered = ops.invocations().find(query.metadata().invocationContext());
    return remembered == null ? current : remembered;
  }
}
