package dev.agentops.tracing.mcp;

import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.FaultLog;
import dev.agentops.Key;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.mcp.client.DefaultMcpClient;
import dev.langchain4j.mcp.client.McpCallContext;
import dev.langchain4j.mcp.client.McpClient;
import dev.langchain4j.mcp.client.McpClientListener;
import dev.langchain4j.mcp.client.McpGetPromptResult;
import dev.langchain4j.mcp.client.McpHeadersSupplier;
import dev.langchain4j.mcp.client.McpMetaSupplier;
import dev.langchain4j.mcp.client.McpPrompt;
import dev.langchain4j.mcp.client.McpReadResourceResult;
import dev.langchain4j.mcp.client.McpResource;
import dev.langchain4j.mcp.client.McpResourceTemplate;
import dev.langchain4j.mcp.protocol.McpClientMessage;
import dev.langchain4j.mcp.protocol.McpClientRequest;
import dev.langchain4j.service.tool.ToolExecutionResult;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Records what an MCP client asks its server as spans, and hands the server the span as the parent
 * of its own.
 *
 * <pre>{@code
 * McpTracing tracing = McpTracing.of(tracer);
 * McpTransport transport =
 *     StreamableHttpMcpTransport.builder().url(url).customHeaders(tracing.headers()).build();
 * McpClient client = tracing.build(DefaultMcpClient.builder().transport(transport));
 * }</pre>
 *
 * <p>A tool call becomes {@code tools/call weather}, a child of the current span, which is the
 * {@code execute_tool} of a wrapped tool. Listing and reading of resources, prompts and tools
 * becomes spans, too, unless the client has the list at hand; pings do not. The span's W3C {@code
 * traceparent} is in the {@code _meta} of the request, whatever the transport, and in the HTTP
 * headers where {@link #headers()} is given to the transport.
 *
 * <p>The client does not tell its listeners how each request ended: not of wrong arguments, nor of
 * interruption. {@link #build} and {@link #wrap} end these spans; one of a client that has only the
 * listener is abandoned. Thread-safe; nothing that fails here reaches the client.
 */
public final class McpTracing implements McpClientListener {

  private static final String TRACEPARENT = "traceparent";

  private final Tracer tracer;
  private final FaultLog faults = new FaultLog(McpTracing.class, Clock.system());
  private final Key<ClientCall> clientCall = Key.of("current call of an MCP client");

  /** Messages have no equality but identity; one that the client forgot is forgotten here. */
  private final Map<McpClientMessage, TraceContext> open =
      Collections.synchronizedMap(new WeakHashMap<>());

  private McpTracing(Tracer tracer) {
    this.tracer = Objects.requireNonNull(tracer, "tracer");
  }

  /** Records on this tracer, which stays the caller's to close. */
  public static McpTracing of(Tracer tracer) {
    return new McpTracing(tracer);
  }

  /**
   * The client of this builder, recorded. Takes the place of the builder's {@code metaSupplier};
   * where there is to be another one, give the builder one that calls {@link #meta()}, add this as
   * a listener and use {@link #wrap}.
   */
  public McpClient build(DefaultMcpClient.Builder builder) {
    return wrap(builder.addListener(this).metaSupplier(meta()).build());
  }

  /** The client, which has this as a listener, and now ends every span with its call. */
  public McpClient wrap(McpClient client) {
    Objects.requireNonNull(client, "client");
    return (McpClient)
        Proxy.newProxyInstance(
            McpClient.class.getClassLoader(),
            new Class<?>[] {McpClient.class},
            new WrappedClient(this, client));
  }

  /** Puts the {@code traceparent} of the request's span into its {@code _meta}. */
  public McpMetaSupplier meta() {
    return context -> {
      Map<String, Object> meta = new HashMap<>(metaOf(context));
      traceparent(context).ifPresent(parent -> meta.put(TRACEPARENT, parent));
      return meta;
    };
  }

  /** Puts the {@code traceparent} of the request's span into its HTTP headers. */
  public McpHeadersSupplier headers() {
    return context -> {
      // a request that is sent again, in a new session, is on a thread without a context
      Object told = metaOf(context).get(TRACEPARENT);
      return told instanceof String parent
          ? Map.of(TRACEPARENT, parent)
          : traceparent(context).map(parent -> Map.of(TRACEPARENT, parent)).orElse(Map.of());
    };
  }

  @Override
  public void beforeInitialize(McpCallContext context) {
    begin(context);
  }

  @Override
  public void afterInitialize(McpCallContext context) {
    end(context, null);
  }

  @Override
  public void onInitializeError(McpCallContext context, Throwable error) {
    end(context, error);
  }

  @Override
  public void beforeExecuteTool(McpCallContext context) {
    begin(context);
  }

  @Override
  public void afterExecuteTool(
      McpCallContext context, ToolExecutionResult result, Map<String, Object> rawResult) {
    TraceContext span = open.get(context.message());
    if (span != null && result != null) {
      McpSpans.recordResult(span, result);
    }
    end(context, null);
  }

  @Override
  public void onExecuteToolError(McpCallContext context, Throwable error) {
    end(context, error);
  }

  @Override
  public void beforeToolsList(McpCallContext context) {
    begin(context);
  }

  @Override
  public void afterToolsList(McpCallContext context, List<ToolSpecification> tools) {
    end(context, null);
  }

  @Override
  public void onToolsListError(McpCallContext context, Throwable error) {
    end(context, error);
  }

  @Override
  public void beforeResourceGet(McpCallContext context) {
    begin(context);
  }

  @Override
  public void afterResourceGet(
      McpCallContext context, McpReadResourceResult result, Map<String, Object> rawResult) {
    end(context, null);
  }

  @Override
  public void onResourceGetError(McpCallContext context, Throwable error) {
    end(context, error);
  }

  @Override
  public void beforeResourcesList(McpCallContext context) {
    begin(context);
  }

  @Override
  public void afterResourcesList(McpCallContext context, List<McpResource> resources) {
    end(context, null);
  }

  @Override
  public void onResourcesListError(McpCallContext context, Throwable error) {
    end(context, error);
  }

  @Override
  public void beforeResourceTemplatesList(McpCallContext context) {
    begin(context);
  }

  @Override
  public void afterResourceTemplatesList(
      McpCallContext context, List<McpResourceTemplate> templates) {
    end(context, null);
  }

  @Override
  public void onResourceTemplatesListError(McpCallContext context, Throwable error) {
    end(context, error);
  }

  @Override
  public void beforeResourceSubscribe(McpCallContext context) {
    begin(context);
  }

  @Override
  public void afterResourceSubscribe(McpCallContext context) {
    end(context, null);
  }

  @Override
  public void onResourceSubscribeError(McpCallContext context, Throwable error) {
    end(context, error);
  }

  @Override
  public void beforeResourceUnsubscribe(McpCallContext context) {
    begin(context);
  }

  @Override
  public void afterResourceUnsubscribe(McpCallContext context) {
    end(context, null);
  }

  @Override
  public void onResourceUnsubscribeError(McpCallContext context, Throwable error) {
    end(context, error);
  }

  @Override
  public void beforePromptGet(McpCallContext context) {
    begin(context);
  }

  @Override
  public void afterPromptGet(
      McpCallContext context, McpGetPromptResult result, Map<String, Object> rawResult) {
    end(context, null);
  }

  @Override
  public void onPromptGetError(McpCallContext context, Throwable error) {
    end(context, error);
  }

  @Override
  public void beforePromptsList(McpCallContext context) {
    begin(context);
  }

  @Override
  public void afterPromptsList(McpCallContext context, List<McpPrompt> prompts) {
    end(context, null);
  }

  @Override
  public void onPromptsListError(McpCallContext context, Throwable error) {
    end(context, error);
  }

  ClientCall enter() {
    ClientCall call = new ClientCall();
    call.entered(Context.current().with(clientCall, call).makeCurrent());
    return call;
  }

  /** Ends what the call began and the client did not report the end of. */
  void exit(ClientCall call, @Nullable Throwable error) {
    call.exited();
    McpClientMessage message = call.message();
    if (message != null) {
      end(message, error);
    }
  }

  private void begin(McpCallContext context) {
    try {
      TraceContext span = McpSpans.open(tracer, context.message());
      open.put(context.message(), span);
      ClientCall call = Context.current().get(clientCall);
      if (call != null) {
        call.began(context.message());
      }
    } catch (Throwable t) {
      faults.report("recording a request to an MCP server", t);
    }
  }

  private void end(McpCallContext context, @Nullable Throwable error) {
    end(context.message(), error);
  }

  private void end(McpClientMessage message, @Nullable Throwable error) {
    try {
      TraceContext span = open.remove(message);
      if (span != null) {
        if (error != null) {
          McpSpans.recordError(span, error);
        }
        span.close();
      }
    } catch (Throwable t) {
      faults.report("recording the answer of an MCP server", t);
    }
  }

  /** Of the request's own span; of a page of a list, that of the list; else of the current span. */
  private Optional<String> traceparent(@Nullable McpCallContext context) {
    try {
      TraceContext span = context == null ? null : open.get(context.message());
      ClientCall call = Context.current().get(clientCall);
      if (span == null && call != null && call.message() != null) {
        span = open.get(call.message());
      }
      return Optional.ofNullable(span).or(tracer::currentSpan).flatMap(TraceContext::traceparent);
    } catch (Throwable t) {
      faults.report("naming a span to an MCP server", t);
      return Optional.empty();
    }
  }

  /** What the client put there itself, such as a progress token, which is to stay. */
  private static Map<String, Object> metaOf(@Nullable McpCallContext context) {
    if (context != null
        && context.message() instanceof McpClientRequest request
        && request.getParams() != null
        && request.getParams().getMeta() != null) {
      return request.getParams().getMeta();
    }
    return Map.of();
  }
}
