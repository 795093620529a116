package dev.agentops;

import org.jspecify.annotations.Nullable;

/** The root of every exception that agentops throws on purpose. Unchecked. */
public class AgentOpsException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public AgentOpsException(String message) {
    super(message);
  }

  public AgentOpsException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
