package dev.agentops.tracing.conformance;

import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.service.UserMessage;
import java.time.Instant;
import java.util.List;

/** A call of an AI service that answers when it is done. */
final class SyncServiceStep extends ServiceStep implements PlannedChatModel.Answering {

  /** The service; the message is the id of the step. */
  interface Assistant {
    String chat(@UserMessage String message, ChatRequestParameters parameters);
  }

  SyncServiceStep(Plan plan, List<List<ToolStep>> rounds, boolean concurrentTools, Fault fault) {
    super(plan, rounds, concurrentTools, fault);
  }

  @Override
  Class<?> type() {
    return Assistant.class;
  }

  @Override
  void expectFault(Expected chat) {
    chat.failsWith(fault.thrown());
  }

  @Override
  void perform(Stage stage) {
    Instant before = stage.tick();
    chats.forEach(chat -> chat.earliestStart = before);
    try {
      stage.assistant(concurrentTools).chat(id, Stage.parameters(id));
    } finally {
      Instant after = stage.tick();
      chats.forEach(chat -> chat.latestEnd = after);
      tools().stream().filter(tool -> tool.own != null).forEach(tool -> tool.own.latestEnd = after);
    }
  }

  @Override
  public ChatResponse answer(ChatRequest request, Stage stage) {
    Expected chat = chatOf(request);
    chat.latestStart = stage.tick();
    try {
      if (isLast(request)) {
        fault.strike(id);
      }
      return answerTo(request);
    } finally {
      chat.earliestEnd = stage.tick();
    }
  }

  @Override
  public boolean listenerThrows() {
    return fault == Fault.LISTENER_THROWS;
  }
}
