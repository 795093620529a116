package dev.agentops.tracing.agentic;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/** Stands around every call of a system, so that its span ends whatever happens. */
final class WrappedSystem implements InvocationHandler {

  private final AgenticTracing tracing;
  private final Object system;

  WrappedSystem(AgenticTracing tracing, Object system) {
    this.tracing = tracing;
    this.system = system;
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    SystemCall call = tracing.enter(system);
    Throwable error = null;
    Object result;
    try {
      result = method.invoke(system, arguments);
      call.returns(result);
    } catch (InvocationTargetException e) {
      error = e.getCause() == null ? e : e.getCause();
      throw error;
    } finally {
      tracing.exit(call, error);
    }
    return call.observed(result);
  }
}
