package dev.agentops;

import java.util.List;

/**
 * A {@code ChatModel} or {@code StreamingChatModel} that answers only by calling other models, such
 * as one that retries: {@code decorator.wrap(ops.wrap(model))}.
 *
 * <p>An {@link AgentOps} leaves a decorator alone whose models are all behind its chain already, so
 * that no call passes the chain twice: each attempt is a call of its own. Implementations are
 * thread-safe as far as their models are.
 */
public interface ModelDecorator {

  /**
   * The models that it calls, at least one: chat models, or streaming chat models. Never changes.
   */
  List<?> delegates();
}
