package dev.agentops.tracing.agentic;

import dev.agentops.Context;
import dev.agentops.Scope;
import dev.langchain4j.agentic.planner.AgentInstance;
import dev.langchain4j.service.TokenStream;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One call of a wrapped system, from its beginning to whatever end. */
final class SystemCall {

  private final Object system;
  private final @Nullable Invocation around;
  private final AtomicReference<@Nullable Invocation> root = new AtomicReference<>();
  private @Nullable Scope scope;
  private volatile @Nullable TokenStream stream;
  private volatile @Nullable Context agent;
  private boolean streaming;

  SystemCall(Object system, @Nullable Invocation around) {
    this.system = system;
    this.around = around;
  }

  void entered(Scope opened) {
    scope = opened;
  }

  void exited() {
    if (scope != null) {
      scope.close();
    }
  }

  /** An agent of it returned a stream, which is to start in this context. */
  void streams(TokenStream stream, Context agent) {
    if (this.stream != stream) { // else a workflow hands on what its agent returned
      this.stream = stream;
      this.agent = agent;
    }
  }

  /** It is about to return this. */
  void returns(@Nullable Object result) {
    streaming = result instanceof TokenStream && root.get() != null;
  }

  /** Whether its span ends with the stream that it returns. */
  boolean isStreaming() {
    return streaming;
  }

  /** What its caller gets; to be called in the caller's context. */
  @Nullable Object observed(@Nullable Object result) {
    Invocation own = root.get();
    if (!streaming || own == null || !(result instanceof TokenStream returned)) {
      return result;
    }
    Context start = returned == stream && agent != null ? agent : own.inside();
    return StreamedSystem.of(own, start, returned);
  }

  /** The invocation of another system in which this one was called. */
  @Nullable Invocation around() {
    return around;
  }

  @Nullable Invocation root() {
    return root.get();
  }

  /** Takes the invocation of the wrapped system itself into its care. */
  boolean adopt(AgentInstance agent, Invocation invocation) {
    boolean mine =
        agent == Proxy.getInvocationHandler(system) && root.compareAndSet(null, invocation);
    if (mine) {
      invocation.endWithItsCall();
    }
    return mine;
  }
}
