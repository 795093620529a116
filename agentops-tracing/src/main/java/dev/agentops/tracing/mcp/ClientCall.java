package dev.agentops.tracing.mcp;

import dev.agentops.Scope;
import dev.langchain4j.mcp.protocol.McpClientMessage;
import org.jspecify.annotations.Nullable;

/** One call of a wrapped client, and the request that it made. Of one thread. */
final class ClientCall {

  private @Nullable Scope scope;
  private @Nullable McpClientMessage message;

  void entered(Scope opened) {
    scope = opened;
  }

  void exited() {
    if (scope != null) {
      scope.close();
    }
  }

  void began(McpClientMessage request) {
    message = request;
  }

  /** Null where it needed none, such as for a list that the client has at hand. */
  @Nullable McpClientMessage message() {
    return message;
  }
}
