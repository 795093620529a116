package dev.agentops.tracing;

import dev.langchain4j.observability.api.AiServiceListenerRegistrar;
import dev.langchain4j.observability.api.DefaultAiServiceListenerRegistrar;
import dev.langchain4j.observability.api.event.AiServiceCompletedEvent;
import dev.langchain4j.observability.api.event.AiServiceErrorEvent;
import dev.langchain4j.observability.api.event.AiServiceEvent;
import dev.langchain4j.observability.api.event.AiServiceRequestIssuedEvent;
import dev.langchain4j.observability.api.event.AiServiceResponseReceivedEvent;
import dev.langchain4j.observability.api.event.AiServiceStartedEvent;
import dev.langchain4j.observability.api.listener.AiServiceListener;
import dev.langchain4j.spi.observability.AiServiceListenerRegistrarFactory;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Records every invocation of every AI service of the process as {@code invoke_agent}, without a
 * change to the code that builds them. Opt-in: nothing names this class but a file of the
 * application,
 *
 * <pre>
 * META-INF/services/dev.langchain4j.spi.observability.AiServiceListenerRegistrarFactory
 *   dev.agentops.tracing.TracingAiServiceRegistrar
 * </pre>
 *
 * and nothing is recorded before {@link #install}. LangChain4j takes one such factory; AI services
 * keep the listeners that they are given besides.
 *
 * <p>Models and tools that are wrapped with a {@link TracingInterceptor} of the same tracer become
 * children of the service that uses them, on whatever thread: a model by the request that
 * LangChain4j announces and hands it, tools and retrievers by the id of the invocation. Those that
 * are not wrapped have no spans; of models, {@code invoke_agent} says all the same how many were
 * asked, what they consumed and why the last one stopped. No thread-local is set, so none can be
 * left behind. Guardrails and what the application does by itself are children of the span around
 * the service.
 *
 * <p>LangChain4j does not announce the end of an invocation that throws an {@link Error}, of a
 * stream that is refused before it begins, whose errors are ignored, or that is never started:
 * these spans are abandoned, and the tracer counts them once the invocation is collected and
 * another one begins. An invocation that fails before its messages are prepared is not announced at
 * all. Where one service needs more than that, wrap it by itself.
 */
public final class TracingAiServiceRegistrar implements AiServiceListenerRegistrarFactory {

  private static final AtomicReference<@Nullable Tracer> INSTALLED = new AtomicReference<>();

  /** For the service loader. */
  public TracingAiServiceRegistrar() {}

  /**
   * Records on this tracer from now on, also the AI services that are there already.
   *
   * @throws IllegalStateException if another tracer is installed
   */
  public static void install(Tracer tracer) {
    Objects.requireNonNull(tracer, "tracer");
    Tracer other = INSTALLED.compareAndExchange(null, tracer);
    if (other != null && other != tracer) {
      throw new IllegalStateException("another tracer is installed; uninstall it first");
    }
  }

  /** Records no more invocations; those that are running end as they would. */
  public static void uninstall() {
    INSTALLED.set(null);
  }

  @Override
  public AiServiceListenerRegistrar get() {
    AiServiceListenerRegistrar registrar = new DefaultAiServiceListenerRegistrar();
    registrar.register(listener(AiServiceStartedEvent.class, TracingAiServiceRegistrar::started));
    registrar.register(listener(AiServiceRequestIssuedEvent.class, AiServiceSpans::requestIssued));
    registrar.register(listener(AiServiceResponseReceivedEvent.class, AiServiceSpans::responded));
    registrar.register(listener(AiServiceCompletedEvent.class, AiServiceSpans::completed));
    registrar.register(listener(AiServiceErrorEvent.class, AiServiceSpans::failed));
    return registrar;
  }

  private static void started(AiServiceStartedEvent event) {
    Tracer tracer = INSTALLED.get();
    if (tracer != null) {
      AiServiceSpans.started(tracer, event);
    }
  }

  private static <T extends AiServiceEvent> AiServiceListener<T> listener(
      Class<T> type, Consumer<T> action) {
    return new AiServiceListener<>() {
      @Override
      public Class<T> getEventClass() {
        return type;
      }

      @Override
      public void onEvent(T event) {
        action.accept(event);
      }
    };
  }
}
