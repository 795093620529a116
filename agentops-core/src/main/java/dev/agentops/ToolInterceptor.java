package dev.agentops;

import dev.langchain4j.service.tool.ToolExecutionResult;
import org.jspecify.annotations.Nullable;

/**
 * Stands around every execution of a tool; the rules are those of {@link ChatInterceptor}.
 *
 * <p>An AI service of LangChain4j turns what a tool throws, a refusal among it, into text for the
 * model, unless it has a {@code ToolExecutionErrorHandler}.
 */
public interface ToolInterceptor {

  /**
   * Runs before the tool.
   *
   * @return null to go on; a result, to give it to the model without running the tool
   * @throws CallRejectedException to refuse the execution; any other exception is logged and
   *     ignored
   */
  default @Nullable ToolExecutionResult before(ToolCall call) {
    return null;
  }

  /** Runs after the tool, exactly once for every {@code before} that was entered. */
  default void after(ToolCall call, Outcome<ToolExecutionResult> outcome) {}
}
