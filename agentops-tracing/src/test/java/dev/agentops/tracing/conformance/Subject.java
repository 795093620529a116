package dev.agentops.tracing.conformance;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.tool.ToolExecutor;
import dev.langchain4j.service.tool.ToolProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The tracer that is examined, seen through what a user of LangChain4j does with it.
 *
 * <p>A method that has a default need not be written: the argument is then left as it is, and the
 * spans that do not come of it count as missing, unless {@link #supports} says that the tracer does
 * not promise them. All methods are called from many threads at once, save {@link #spans}, {@link
 * #reap} and {@link #close}.
 */
public interface Subject extends AutoCloseable {

  /** What a tracer may or may not promise; scenarios of what it does not are left out. */
  enum Feature {
    STREAMING,
    TOOLS,
    EMBEDDINGS,
    RETRIEVAL,
    AI_SERVICES,
    /** Reactor, with context-propagation and its automatic mode. */
    REACTOR,
    /** Ends a stream that has fallen silent. */
    STALLED_STREAMS
  }

  default boolean supports(Feature feature) {
    return true;
  }

  default ChatModel wrap(ChatModel model) {
    return model;
  }

  default StreamingChatModel wrap(StreamingChatModel model) {
    return model;
  }

  default EmbeddingModel wrap(EmbeddingModel model) {
    return model;
  }

  default ToolExecutor wrap(ToolExecutor tool) {
    return tool;
  }

  default ToolProvider wrap(ToolProvider provider) {
    return provider;
  }

  default ContentRetriever wrap(ContentRetriever retriever) {
    return retriever;
  }

  /** An executor whose tasks belong to the span that is current where they are handed over. */
  default Executor wrap(Executor executor) {
    return executor;
  }

  /** Runs a turn of an agent: a span {@code invoke_agent}, a child of the current one or a root. */
  void agent(String name, Runnable body);

  /**
   * An AI service; what the kit puts into it is wrapped, unless {@link #aiServiceAgent} is told.
   */
  default <T> T aiService(Class<T> type, Consumer<AiServices<T>> configuration) {
    AiServices<T> builder = AiServices.builder(type);
    configuration.accept(builder);
    return builder.build();
  }

  /**
   * The agent in whose span {@code invoke_agent} each call of such a service runs; empty where it
   * has none. If told, {@link #aiService} wraps models and tools by itself.
   */
  default Optional<String> aiServiceAgent(Class<?> type) {
    return Optional.empty();
  }

  /** The time by the tracer's clock. */
  default Instant now() {
    return Instant.now();
  }

  /**
   * Moves the tracer's clock. False if it cannot be moved; times are then compared with a tolerance
   * of a second.
   */
  default boolean advance(Duration by) {
    return false;
  }

  /** Gives the tracer reason to end what nobody will end: nothing runs, and all is let go. */
  default void reap() {}

  /** All spans so far, ended ones and open ones. */
  List<RecordedSpan> spans();

  @Override
  default void close() {}
}
