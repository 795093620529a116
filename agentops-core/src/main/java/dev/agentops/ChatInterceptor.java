package dev.agentops;

import dev.langchain4j.model.chat.response.ChatResponse;
import org.jspecify.annotations.Nullable;

/**
 * Stands around every call of a chat model, streaming or not.
 *
 * <p>Both methods may be called from any number of threads at once. A class may implement {@link
 * ToolInterceptor} and {@link EmbeddingInterceptor} too; {@link AgentOps#with} then puts it around
 * those calls as well. What belongs to one call travels in {@link Call#put}, never in a field or a
 * thread-local: {@code after} of a stream runs on another thread than {@code before}.
 */
public interface ChatInterceptor {

  /**
   * Runs before the model is asked, the outermost interceptor first.
   *
   * @return null to go on, or to {@linkplain ModelCall#follow follow} another call; an answer, to
   *     give it to the caller without asking the model
   * @throws CallRejectedException to refuse the call; any other exception is logged and ignored
   */
  default @Nullable ChatResponse before(ModelCall call) {
    return null;
  }

  /**
   * Runs after the call, the innermost interceptor first, exactly once for every {@code before}
   * that was entered, whatever happened: an answer, an exception, an error, a refusal, a cancelled
   * stream, a stream that never ended. Exceptions are logged and ignored.
   */
  default void after(ModelCall call, Outcome<ChatResponse> outcome) {}
}
