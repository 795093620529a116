package dev.agentops;

import static dev.langchain4j.spi.ServiceHelper.loadFactories;

import dev.langchain4j.observability.api.event.AiServiceRequestIssuedEvent;
import dev.langchain4j.observability.api.event.GuardrailExecutedEvent;
import dev.langchain4j.observability.api.listener.AiServiceCompletedListener;
import dev.langchain4j.observability.api.listener.AiServiceRequestIssuedListener;
import dev.langchain4j.observability.api.listener.AiServiceStartedListener;
import dev.langchain4j.observability.api.listener.InputGuardrailExecutedListener;
import dev.langchain4j.observability.api.listener.OutputGuardrailExecutedListener;
import dev.langchain4j.rag.RetrievalAugmentor;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.service.AiServiceContext;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.tool.ToolProvider;
import dev.langchain4j.spi.services.TokenStreamAdapter;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.Consumer;

/**
 * LangChain4j's builder of AI services, which puts what it is given and what it builds behind the
 * chain.
 *
 * <p>Models and tools are wrapped when the service is built, since LangChain4j looks at them
 * before; what cannot be reached then, when it is given. LangChain4j's events, which are not told
 * of every end, only enrich what the wrappers see.
 */
final class ObservedAiServices<T> extends AiServices<T> {

  private final AgentOps ops;
  private final Collection<TokenStreamAdapter> adapters = loadFactories(TokenStreamAdapter.class);

  ObservedAiServices(AgentOps ops, Class<T> type) {
    super(AiServiceContext.create(type));
    this.ops = ops;
    AiServiceStartedListener started =
        event ->
            inRun(run -> run.begun(event.invocationContext().invocationId(), event.userMessage()));
    AiServiceRequestIssuedListener issued = this::remember;
    AiServiceCompletedListener completed =
        event -> inRun(run -> run.complete(event.result().orElse(null)));
    InputGuardrailExecutedListener input = event -> tell(event, GuardrailCall.Type.INPUT);
    OutputGuardrailExecutedListener output = event -> tell(event, GuardrailCall.Type.OUTPUT);
    context.eventListenerRegistrar.register(started, issued, completed, input, output);
  }

  @Override
  public AiServices<T> toolProvider(ToolProvider provider) {
    return super.toolProvider(observed(provider));
  }

  @Override
  public AiServices<T> toolProviders(Collection<ToolProvider> providers) {
    return super.toolProviders(
        providers == null ? providers : providers.stream().map(this::observed).toList());
  }

  @Override
  public AiServices<T> toolProviders(ToolProvider... providers) {
    return providers == null ? this : toolProviders(Arrays.asList(providers));
  }

  @Override
  public AiServices<T> contentRetriever(ContentRetriever retriever) {
    return super.contentRetriever(retriever == null ? retriever : ops.wrapRetriever(retriever));
  }

  @Override
  public AiServices<T> retrievalAugmentor(RetrievalAugmentor augmentor) {
    return super.retrievalAugmentor(augmentor == null ? augmentor : ops.wrapAugmentor(augmentor));
  }

  @Override
  public T build() {
    if (context.chatModel != null) {
      context.chatModel = ops.wrap(context.chatModel);
    }
    if (context.streamingChatModel != null) {
      context.streamingChatModel = ops.wrapForAgent(context.streamingChatModel);
    }
    context.toolService.toolExecutors().replaceAll((name, tool) -> ops.wrap(tool));
    T service = AiServices.<T>builder(context).build();
    return ObservedAgent.observe(ops, context.aiServiceClass, service, this::returnsStream);
  }

  private ToolProvider observed(ToolProvider provider) {
    return provider == null ? provider : ops.wrap(provider);
  }

  private boolean returnsStream(Method method) {
    Type type = context.returnType != null ? context.returnType : method.getGenericReturnType();
    return adapters.stream().anyMatch(adapter -> adapter.canAdaptTokenStreamTo(type));
  }

  private static void inRun(Consumer<AgentCall> action) {
    AgentCall run = Context.current().get(AgentCall.KEY);
    if (run != null) {
      action.accept(run);
    }
  }

  /** Directly after this event LangChain4j hands the request to the model, on the same thread. */
  private void remember(AiServiceRequestIssuedEvent event) {
    Context known = ops.invocations().find(event.invocationContext());
    if (known != null && known.get(AgentCall.KEY) != Context.current().get(AgentCall.KEY)) {
      ops.requestOrigins().remember(event.request(), known);
    }
  }

  private void tell(GuardrailExecutedEvent<?, ?, ?> event, GuardrailCall.Type type) {
    GuardrailCall call =
        new GuardrailCall(ops, Context.current(), event.guardrailName(), type, event.duration());
    ops.chains().guardrails().enter(call); // nobody can answer or refuse any more
    ops.chains().guardrails().finish(call, Outcome.answered(event.result()));
  }
}
