package dev.agentops.tracing.conformance;

import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

/** Two turns that ask one model equal questions, and both wait for the answer at once. */
final class EqualRequestsStep extends Step implements PlannedChatModel.Answering {

  private final Carrier carrier;
  private final CyclicBarrier both = new CyclicBarrier(2);

  EqualRequestsStep(Plan plan, Carrier carrier) {
    super(plan, Body.empty(), Fault.NONE);
    this.carrier = carrier;
  }

  @Override
  void expect(Expected parent, Carrier unused) {
    parent.child("invoke_agent", id + "-one").child("chat", id);
    parent.child("invoke_agent", id + "-two").child("chat", id);
  }

  @Override
  void perform(Stage stage) {
    plan.pending(carrier.carry(() -> ask("-one", stage), stage));
    plan.pending(carrier.carry(() -> ask("-two", stage), stage));
  }

  private void ask(String turn, Stage stage) {
    stage.subject().agent(id + turn, () -> stage.chat().chat(Stage.request(id)));
  }

  @Override
  public ChatResponse answer(ChatRequest request, Stage stage) {
    try {
      both.await(Plan.PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (Exception e) {
      plan.unexpected("the two were not in flight at once: " + e);
    }
    return Stage.answer("done");
  }

  @Override
  public boolean listenerThrows() {
    return false;
  }
}
