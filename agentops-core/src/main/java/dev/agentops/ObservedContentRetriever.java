package dev.agentops;

import dev.langchain4j.invocation.InvocationContext;
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
    InvocationContext invocation =
        query.metadata() == null ? null : query.metadata().invocationContext();
    Context service = ops.invocations().find(invocation);
    // on the pool of a retrieval augmentor, the thread has nothing or something else
    Context context = service == null ? Context.current() : service.orCurrent();
    RetrievalCall call = new RetrievalCall(ops, context, invocation, dataSource, query.text());
    return Observation.run(call, ops.chains().retrievals(), () -> delegate.retrieve(query));
  }
}
