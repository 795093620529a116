package dev.agentops;

import dev.langchain4j.invocation.InvocationContext;
import org.jspecify.annotations.Nullable;

/** One retrieval of what may help to answer a query. */
public final class RetrievalCall extends Call {

  private final @Nullable InvocationContext invocation;
  private final String dataSource;
  private final String query;

  RetrievalCall(
      AgentOps ops,
      Context callerContext,
      @Nullable InvocationContext invocation,
      String dataSource,
      String query) {
    super(ops, callerContext);
    this.invocation = invocation;
    this.dataSource = dataSource;
    this.query = query;
  }

  /** The invocation of the AI service that looks for it; null where the caller gave none. */
  public @Nullable InvocationContext invocation() {
    return invocation;
  }

  /** Where it is looked for: the name that it was wrapped with, else the retriever's class. */
  public String dataSource() {
    return dataSource;
  }

  /** What is looked for. */
  public String query() {
    return query;
  }
}
