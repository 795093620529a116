package dev.agentops.tracing.conformance;

import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;

/** A call of a model, which may have work done while it is called. */
final class ChatStep extends Step implements PlannedChatModel.Answering {

  ChatStep(Plan plan, Body body, Fault fault) {
    super(plan, body, fault);
  }

  @Override
  void expect(Expected parent, Carrier carrier) {
    expect(parent, "chat", carrier);
  }

  @Override
  void perform(Stage stage) {
    stage.chat().chat(Stage.request(id));
  }

  @Override
  public ChatResponse answer(ChatRequest request, Stage stage) {
    work(stage);
    return Stage.answer("done");
  }

  @Override
  public boolean listenerThrows() {
    return fault == Fault.LISTENER_THROWS;
  }
}
