package dev.agentops;

/** One retrieval of what may help to answer a query. */
public final class RetrievalCall extends Call {

  private final String dataSource;
  private final String query;

  RetrievalCall(AgentOps ops, Context callerContext, String dataSource, String query) {
    super(ops, callerContext);
    this.dataSource = dataSource;
    this.query = query;
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
