package dev.agentops.testing;

import dev.agentops.AgentCall;
import dev.agentops.AgentInterceptor;
import dev.agentops.Call;
import dev.agentops.ChatInterceptor;
import dev.agentops.EmbeddingCall;
import dev.agentops.EmbeddingInterceptor;
import dev.agentops.GuardrailCall;
import dev.agentops.GuardrailInterceptor;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.RetrievalCall;
import dev.agentops.RetrievalInterceptor;
import dev.agentops.ToolCall;
import dev.agentops.ToolInterceptor;
import dev.langchain4j.guardrail.GuardrailResult;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.service.tool.ToolExecutionResult;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Writes down what passes it, and lets everything pass. */
public final class RecordingInterceptor
    implements ChatInterceptor,
        ToolInterceptor,
        EmbeddingInterceptor,
        AgentInterceptor,
        RetrievalInterceptor,
        GuardrailInterceptor {

  private final List<Call> begun = new CopyOnWriteArrayList<>();
  private final List<Ended> ended = new CopyOnWriteArrayList<>();

  /** A call that ended, with its outcome. */
  public record Ended(Call call, Outcome<?> outcome) {}

  public List<Call> begun() {
    return begun;
  }

  public List<Ended> ended() {
    return ended;
  }

  @Override
  public @Nullable ChatResponse before(ModelCall call) {
    begun.add(call);
    return null;
  }

  @Override
  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
    ended.add(new Ended(call, outcome));
  }

  @Override
  public @Nullable ToolExecutionResult before(ToolCall call) {
    begun.add(call);
    return null;
  }

  @Override
  public void after(ToolCall call, Outcome<ToolExecutionResult> outcome) {
    ended.add(new Ended(call, outcome));
  }

  @Override
  public @Nullable EmbeddingResponse before(EmbeddingCall call) {
    begun.add(call);
    return null;
  }

  @Override
  public void after(EmbeddingCall call, Outcome<EmbeddingResponse> outcome) {
    ended.add(new Ended(call, outcome));
  }

  @Override
  public void before(AgentCall call) {
    begun.add(call);
  }

  @Override
  public void after(AgentCall call, Outcome<Object> outcome) {
    ended.add(new Ended(call, outcome));
  }

  @Override
  public void before(RetrievalCall call) {
    begun.add(call);
  }

  @Override
  public void after(RetrievalCall call, Outcome<List<Content>> outcome) {
    ended.add(new Ended(call, outcome));
  }

  @Override
  public void after(GuardrailCall call, Outcome<GuardrailResult<?>> outcome) {
    ended.add(new Ended(call, outcome));
  }
}
