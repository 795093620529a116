package dev.agentops.tracing.mcp;

import dev.langchain4j.mcp.client.McpClient;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/** Stands around every call of a client, so that its span ends whatever happens. */
final class WrappedClient implements InvocationHandler {

  private final McpTracing tracing;
  private final McpClient client;

  WrappedClient(McpTracing tracing, McpClient client) {
    this.tracing = tracing;
    this.client = client;
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    if (method.getName().equals("equals") && arguments != null && arguments.length == 1) {
      return proxy == arguments[0];
    }
    ClientCall call = tracing.enter();
    Throwable error = null;
    try {
      return method.invoke(client, arguments);
    } catch (InvocationTargetException e) {
      error = e.getCause() == null ? e : e.getCause();
      throw error;
    } finally {
      tracing.exit(call, error);
    }
  }
}
