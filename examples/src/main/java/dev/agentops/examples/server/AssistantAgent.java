package dev.agentops.examples.server;

import dev.agentops.AgentOps;
import dev.agentops.tracing.Tracer;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.memory.ChatMemory;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.tool.ToolExecutor;
import java.util.Map;

/**
 * An agent with tools and a memory for each conversation; every part of it is behind one {@link
 * AgentOps}, and every turn is one trace. Thread-safe.
 */
final class AssistantAgent {

  static final String NAME = "assistant";

  private static final String INSTRUCTIONS =
      """
      You are the assistant of the agentops example server. Answer briefly. Use the calculator for \
      arithmetic, the clock for dates and times, and search the handbook for questions about \
      agentops. Say so when you do not know.""";

  private static final int MAX_TOOL_ROUNDS = 8;

  private final AgentOps ops;
  private final Tracer tracer;
  private final TurnMeter meter;
  private final Sessions sessions;
  private final ChatModel model;
  private final StreamingChatModel streamingModel;
  private final Map<ToolSpecification, ToolExecutor> tools;
  private final String modelName;

  AssistantAgent(Operations operations, Models models, Sessions sessions, Object... tools) {
    this.ops = operations.ops();
    this.tracer = operations.tracer();
    this.meter = operations.meter();
    this.sessions = sessions;
    this.model = models.chat();
    this.streamingModel = models.streaming();
    this.tools = Toolbox.wrapped(ops, tools);
    this.modelName = models.chatModelName();
  }

  /**
   * Answers a question.
   *
   * @throws ApiError if the conversation is busy
   */
  ChatResponse answer(Question question) {
    try (Turn turn = begin(question)) {
      try {
        String text = assistant(turn, question).chat(question.message());
        return turn.succeeded(text);
      } catch (Throwable t) {
        turn.failed(t);
        throw t;
      }
    }
  }

  /**
   * Answers a question piece by piece, and returns when that is done.
   *
   * @throws ApiError if the conversation is busy
   * @throws ClientGoneException if the client went away; the model was told
   */
  ChatResponse answer(Question question, SseStream out) {
    try (Turn turn = begin(question)) {
      try {
        StreamedAnswer answer = new StreamedAnswer(out);
        answer.start(assistant(turn, question).stream(question.message()));
        return turn.succeeded(answer.await());
      } catch (Throwable t) {
        turn.failed(t);
        throw t;
      }
    }
  }

  private Turn begin(Question question) {
    Sessions.Hold conversation =
        sessions
            .begin(new Sessions.Id(question.user(), question.sessionId()))
            .orElseThrow(
                () ->
                    ApiError.of(
                        409,
                        "session_busy",
                        "This session is busy with another message; send one after the other",
                        "body",
                        "session_id"));
    try {
      return new Turn(question, conversation, ops, tracer, meter, modelName);
    } catch (Throwable t) {
      conversation.close();
      throw t;
    }
  }

  /**
   * An assistant for one turn. It has the turn's own copy of the memory: what a cancelled stream
   * still has to say must not end up in the conversation.
   */
  private Assistant assistant(Turn turn, Question question) {
    ChatMemory memory = turn.memory();
    String instructions = instructions(question.context());
    return AiServices.builder(Assistant.class)
        .chatModel(model)
        .streamingChatModel(streamingModel)
        .chatMemory(memory)
        .tools(tools)
        .maxToolCallingRoundTrips(MAX_TOOL_ROUNDS)
        // not systemMessage(...), which is a template: the context may contain braces
        .systemMessageTransformer(ignored -> instructions)
        .build();
  }

  private static String instructions(Map<String, String> context) {
    if (context.isEmpty()) {
      return INSTRUCTIONS;
    }
    StringBuilder text = new StringBuilder(INSTRUCTIONS).append("\nFacts about the user:");
    context.forEach((name, value) -> text.append("\n- ").append(name).append(": ").append(value));
    return text.toString();
  }
}
