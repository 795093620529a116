package dev.agentops;

import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.langchain4j.guardrail.GuardrailResult;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.service.tool.ToolExecutionResult;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The chains of one {@link AgentOps}: one for each kind of call. */
final class Chains {

  private final AgentOps ops;
  private final Chain<ModelCall, ChatResponse> models;
  private final Chain<EmbeddingCall, EmbeddingResponse> embeddings;
  private final Chain<ToolCall, ToolExecutionResult> tools;
  private final Chain<AgentCall, Object> agents;
  private final Chain<RetrievalCall, List<Content>> retrievals;
  private final Chain<GuardrailCall, GuardrailResult<?>> guardrails;

  Chains(AgentOps ops, List<ChatInterceptor> all) {
    this.ops = ops;
    models =
        new Chain<>(
            ops,
            links(
                all,
                ChatInterceptor.class,
                one -> new Chain.Link<>(one, call -> OwnAnswer.of(one.before(call)), one::after)),
            this::settle,
            this::event);
    embeddings =
        new Chain<>(
            ops,
            links(
                all,
                EmbeddingInterceptor.class,
                one -> new Chain.Link<>(one, one::before, one::after)),
            this::settle,
            CallEvents::of);
    tools =
        new Chain<>(
            ops,
            links(
                all, ToolInterceptor.class, one -> new Chain.Link<>(one, one::before, one::after)),
            Chains::nothing,
            CallEvents::of);
    agents =
        new Chain<>(
            ops,
            links(
                all,
                AgentInterceptor.class,
                one -> new Chain.Link<>(one, goOn(one::before), one::after)),
            Chains::nothing,
            CallEvents::of);
    retrievals =
        new Chain<>(
            ops,
            links(
                all,
                RetrievalInterceptor.class,
                one -> new Chain.Link<>(one, goOn(one::before), one::after)),
            Chains::nothing,
            Chains::untold);
    guardrails =
        new Chain<>(
            ops,
            links(
                all,
                GuardrailInterceptor.class,
                one -> new Chain.Link<>(one, goOn(call -> {}), one::after)),
            Chains::nothing,
            Chains::untold);
  }

  Chain<ModelCall, ChatResponse> models() {
    return models;
  }

  Chain<EmbeddingCall, EmbeddingResponse> embeddings() {
    return embeddings;
  }

  Chain<ToolCall, ToolExecutionResult> tools() {
    return tools;
  }

  Chain<AgentCall, Object> agents() {
    return agents;
  }

  Chain<RetrievalCall, List<Content>> retrievals() {
    return retrievals;
  }

  Chain<GuardrailCall, GuardrailResult<?>> guardrails() {
    return guardrails;
  }

  private void settle(ModelCall call, Outcome<ChatResponse> outcome) {
    ChatResponse response = outcome.response();
    if (response == null) {
      return;
    }
    recordReport(call, outcome, () -> UsageReader.report(ops, call, response));
    if (!call.toolCallsAnnounced) {
      ops.attempt(
          "remembering tool calls",
          () -> ops.toolCallOrigins().remember(response.aiMessage(), call));
    }
  }

  private void settle(EmbeddingCall call, Outcome<EmbeddingResponse> outcome) {
    EmbeddingResponse response = outcome.response();
    if (response != null) {
      recordReport(call, outcome, () -> embedded(response));
    }
  }

  private void recordReport(
      ProviderCall call, Outcome<?> outcome, Supplier<@Nullable UsageReport> told) {
    if (!outcome.shortCircuited()) {
      call.recordReport(ops.ask("the token usage of a model", told::get));
    } else if (call instanceof ModelCall model && model.cached()) {
      model.recordSaved(ops.ask("the token usage of a cached answer", told::get));
    }
  }

  private static @Nullable UsageReport embedded(EmbeddingResponse response) {
    Usage usage = UsageReader.read(response.tokenUsage());
    return usage == null || usage.equals(Usage.none())
        ? null
        : UsageReport.builder().usage(usage).model(modelOf(response)).build();
  }

  private static @Nullable String modelOf(EmbeddingResponse response) {
    return response.metadata() == null ? null : response.modelName();
  }

  /** Once interceptors have priced the call, it also counts for the agent that made it. */
  private OpsEvent event(ModelCall call, Outcome<ChatResponse> outcome) {
    ModelCallEvent event = CallEvents.of(call, outcome);
    AgentCall agent = call.agent();
    if (agent != null) {
      agent.add(call, event.finishReason());
    }
    return event;
  }

  private static <I, C extends Call, R> List<Chain.Link<C, R>> links(
      List<ChatInterceptor> all, Class<I> kind, Function<I, Chain.Link<C, R>> link) {
    return all.stream().filter(kind::isInstance).map(kind::cast).map(link).toList();
  }

  private static <C extends Call, R> Function<C, @Nullable R> goOn(Consumer<C> before) {
    return call -> {
      before.accept(call);
      return null;
    };
  }

  private static void nothing(Call call, Outcome<?> outcome) {}

  private static @Nullable OpsEvent untold(Call call, Outcome<?> outcome) {
    return null;
  }
}
