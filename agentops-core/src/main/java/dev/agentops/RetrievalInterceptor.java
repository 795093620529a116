package dev.agentops;

import dev.langchain4j.rag.content.Content;
import java.util.List;

/**
 * Stands around every retrieval; the rules are those of {@link ChatInterceptor}, but a retriever
 * cannot be answered for.
 */
public interface RetrievalInterceptor {

  /**
   * Runs before the retriever.
   *
   * @throws CallRejectedException to refuse the retrieval; any other exception is logged and
   *     ignored
   */
  default void before(RetrievalCall call) {}

  /** Runs after the retriever, exactly once for every {@code before} that was entered. */
  default void after(RetrievalCall call, Outcome<List<Content>> outcome) {}
}
