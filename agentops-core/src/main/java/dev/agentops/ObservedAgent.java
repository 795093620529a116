package dev.agentops;

import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.memory.ChatMemoryAccess;
import java.lang.ref.Cleaner;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The methods of an AI service behind the chain, each call of them one run of an agent. */
final class ObservedAgent implements InvocationHandler {

  /** Ends runs whose streams were thrown away. Its thread is a daemon. */
  private static final Cleaner CLEANER = Cleaner.create();

  private final AgentOps ops;
  private final Class<?> type;
  private final InvocationHandler service;
  private final Predicate<Method> returnsStream;
  private final ConcurrentMap<Method, AgentMethod> methods = new ConcurrentHashMap<>();

  private ObservedAgent(
      AgentOps ops, Class<?> type, InvocationHandler service, Predicate<Method> returnsStream) {
    this.ops = ops;
    this.type = type;
    this.service = service;
    this.returnsStream = returnsStream;
  }

  /**
   * The service behind the chain.
   *
   * @param returnsStream tells which methods return, as an object of a type that LangChain4j has an
   *     adapter for, a stream that may begin later
   */
  @SuppressWarnings("unchecked") // the proxy is of the type that it is made for
  static <T> T observe(AgentOps ops, Class<?> type, T service, Predicate<Method> returnsStream) {
    return (T)
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            new ObservedAgent(ops, type, handlerOf(service), returnsStream));
  }

  /**
   * LangChain4j's own handler, which minds neither whose proxy it serves nor whether the interface
   * is public; a default method then calls the others through our proxy.
   */
  private static InvocationHandler handlerOf(Object service) {
    return Proxy.isProxyClass(service.getClass())
        ? Proxy.getInvocationHandler(service)
        : (proxy, method, arguments) -> reflect(service, method, arguments);
  }

  private static @Nullable Object reflect(
      Object service, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    method.trySetAccessible(); // an interface need not be public
    try {
      return method.invoke(service, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  @Override
  public @Nullable Object invoke(
      Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    if (method.isDefault()
        || method.getDeclaringClass() == Object.class
        || method.getDeclaringClass() == ChatMemoryAccess.class) {
      return service.invoke(proxy, method, arguments);
    }
    AgentCall call =
        new AgentCall(
            ops,
            Context.current(),
            methods.computeIfAbsent(method, any -> AgentMethod.of(type, any)),
            arguments == null
                ? List.of()
                : Collections.unmodifiableList(Arrays.asList(arguments.clone())));
    Outcome<Object> refused = ops.chains().agents().enter(call);
    if (refused != null) {
      call.end(refused);
      throw Observation.refusalOf(refused);
    }
    Object result;
    try (Scope ignored = call.context().makeCurrent()) {
      result = service.invoke(proxy, method, arguments);
    } catch (Throwable t) {
      call.end(Outcome.failed(t));
      throw t;
    }
    return returned(call, method, result);
  }

  private @Nullable Object returned(AgentCall call, Method method, @Nullable Object result) {
    if (result instanceof TokenStream stream) {
      ObservedTokenStream observed = new ObservedTokenStream(call, stream);
      endWithStream(call, observed);
      return observed;
    }
    if (result instanceof CompletionStage<?> stage) {
      stage.whenComplete((value, error) -> call.end(outcomeOf(value, error)));
    } else if (result != null && returnsStream.test(method)) {
      endWithStream(call, result);
    } else {
      call.end(Outcome.answered(result));
    }
    return result;
  }

  private static void endWithStream(AgentCall call, Object stream) {
    call.defer();
    CLEANER.register(stream, call::released);
  }

  private static Outcome<Object> outcomeOf(@Nullable Object value, @Nullable Throwable error) {
    if (error == null) {
      return Outcome.answered(value);
    }
    if (error instanceof CancellationException) {
      return Outcome.cancelled();
    }
    Throwable cause = error instanceof CompletionException ? error.getCause() : null;
    return Outcome.failed(cause == null ? error : cause);
  }
}
