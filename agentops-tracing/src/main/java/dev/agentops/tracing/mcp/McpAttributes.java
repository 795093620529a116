package dev.agentops.tracing.mcp;

/** Names of span attributes of the OpenTelemetry semantic conventions for MCP, version 1.41.1. */
public final class McpAttributes {

  /** Such as {@code tools/call}. */
  public static final String METHOD_NAME = "mcp.method.name";

  /** As text. */
  public static final String REQUEST_ID = "jsonrpc.request.id";

  /** The code of a JSON-RPC error, as text; absent where there is none. */
  public static final String RESPONSE_STATUS_CODE = "rpc.response.status_code";

  private McpAttributes() {}
}
