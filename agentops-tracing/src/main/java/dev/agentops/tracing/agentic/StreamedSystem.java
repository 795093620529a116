package dev.agentops.tracing.agentic;

import dev.agentops.Context;
import dev.agentops.Scope;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.service.TokenStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The stream that a system returned: it starts in the context of the agent whose it is, and the
 * system's span ends with it. The two callbacks that come last run in the caller's context.
 */
final class StreamedSystem implements InvocationHandler {

  private final Invocation root;
  private final Context agent;
  private final Context caller;
  private final TokenStream delegate;
  private boolean completes; // of the thread that sets it up

  private StreamedSystem(Invocation root, Context agent, TokenStream delegate) {
    this.root = root;
    this.agent = agent;
    this.caller = Context.current();
    this.delegate = delegate;
  }

  /** To be called in the caller's context. */
  static TokenStream of(Invocation root, Context agent, TokenStream delegate) {
    return (TokenStream)
        Proxy.newProxyInstance(
            TokenStream.class.getClassLoader(),
            new Class<?>[] {TokenStream.class},
            new StreamedSystem(root, agent, delegate));
  }

  @Override
  @SuppressWarnings("unchecked") // the signatures of TokenStream
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    Object handler = arguments == null || arguments.length == 0 ? null : arguments[0];
    switch (method.getName()) {
      case "start" -> start();
      case "ignoreErrors" -> delegate.onError(root::close);
      case "onCompleteResponse" -> {
        completes = true;
        delegate.onCompleteResponse(
            handler == null ? null : last((Consumer<ChatResponse>) handler, this::complete));
      }
      case "onError" ->
          delegate.onError(
              handler == null ? null : last((Consumer<Throwable>) handler, root::close));
      default -> {
        return reflect(proxy, method, arguments);
      }
    }
    return method.getReturnType() == void.class ? null : proxy;
  }

  private void start() {
    if (!completes) {
      delegate.onCompleteResponse(this::complete);
    }
    try (Scope ignored = agent.makeCurrent()) {
      delegate.start();
    } catch (Throwable t) {
      root.close(t);
      throw t;
    }
  }

  private void complete(ChatResponse response) {
    root.span().setOutput(response.aiMessage().text());
    root.close(null);
  }

  private <T> Consumer<T> last(Consumer<T> handler, Consumer<T> end) {
    return value -> {
      end.accept(value);
      try (Scope ignored = caller.makeCurrent()) {
        handler.accept(value);
      }
    };
  }

  private @Nullable Object reflect(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    try {
      Object result = method.invoke(delegate, arguments);
      return result == delegate ? proxy : result;
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}
