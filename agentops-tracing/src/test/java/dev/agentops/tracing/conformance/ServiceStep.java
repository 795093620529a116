package dev.agentops.tracing.conformance;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.ArrayList;
import java.util.List;

/** A call of an AI service: rounds of a question to the model and tools, then the answer. */
abstract class ServiceStep extends Step {

  final boolean concurrentTools;
  final List<Expected> chats = new ArrayList<>();
  private final List<List<ToolStep>> rounds;

  /** A call; the fault is that of the last question to the model. */
  ServiceStep(Plan plan, List<List<ToolStep>> rounds, boolean concurrentTools, Fault fault) {
    super(plan, Body.empty(), fault);
    this.rounds = rounds;
    this.concurrentTools = concurrentTools;
  }

  abstract Class<?> type();

  /** Sets how the fault ends the last question to the model. */
  abstract void expectFault(Expected chat);

  @Override
  final void expect(Expected parent, Carrier carrier) {
    String agent = plan.subject().aiServiceAgent(type()).orElse(null);
    if (agent != null) {
      own = parent.child("invoke_agent", agent).noted(id);
      expectOwn();
    }
    Expected around = own == null ? parent : own;
    String note = "of a service, " + (concurrentTools ? "concurrent tools " : "") + carrier;
    if (fault == Fault.UNSTARTED) {
      return;
    }
    for (List<ToolStep> round : rounds) {
      chats.add(around.child("chat", id).noted(note));
      round.forEach(tool -> tool.expect(around, Carrier.INLINE));
      if (endsIn(round)) {
        return;
      }
    }
    Expected last = around.child("chat", id).noted(note + " " + fault);
    chats.add(last);
    expectFault(last);
  }

  /** Sets how the service's own span ends. */
  void expectOwn() {
    own.failsWith(thrown());
  }

  @Override
  Class<? extends Throwable> thrown() {
    for (List<ToolStep> round : rounds) {
      if (endsIn(round)) {
        return PlannedError.class;
      }
    }
    return fault.thrown();
  }

  final List<ToolStep> tools() {
    return rounds.stream().flatMap(List::stream).toList();
  }

  /** The span of the question that this request puts. */
  final Expected chatOf(ChatRequest request) {
    return chats.get(roundOf(request));
  }

  final boolean isLast(ChatRequest request) {
    return roundOf(request) == rounds.size();
  }

  final ChatResponse answerTo(ChatRequest request) {
    return isLast(request)
        ? Stage.answer("done")
        : Stage.answer(
            AiMessage.from(rounds.get(roundOf(request)).stream().map(ToolStep::request).toList()));
  }

  /** LangChain4j turns a tool's exception into text, and lets an Error through. */
  private static boolean endsIn(List<ToolStep> round) {
    return round.stream().anyMatch(tool -> tool.thrown() == PlannedError.class);
  }

  private int roundOf(ChatRequest request) {
    long answered =
        request.messages().stream()
            .filter(message -> message instanceof AiMessage ai && ai.hasToolExecutionRequests())
            .count();
    long results =
        request.messages().stream().filter(ToolExecutionResultMessage.class::isInstance).count();
    if (results != rounds.stream().limit(answered).mapToLong(List::size).sum()) {
      plan.unexpected(id + " got " + results + " results of tools after round " + answered);
    }
    return (int) answered;
  }
}
