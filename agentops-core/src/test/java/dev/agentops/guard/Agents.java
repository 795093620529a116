package dev.agentops.guard;

import dev.agentops.AgentOps;
import dev.agentops.TokenStreams;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.tool.ToolExecutor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Agents of LangChain4j whose models follow a script, sync and streaming. */
final class Agents {

  /** Of the agent, too. */
  static final String NAME = "Assistant";

  interface Assistant {
    String chat(String message);
  }

  interface StreamingAssistant {
    TokenStream chat(String message);
  }

  interface ReactiveAssistant {
    TokenStreams.Later chat(String message);
  }

  private Agents() {}

  /** How the agent of a test is built. */
  enum Kind {
    SYNC {
      @Override
      Runnable agent(
          AgentOps ops,
          Function<ChatRequest, ChatResponse> model,
          Map<String, ToolExecutor> tools) {
        Assistant assistant =
            with(ops.aiServices(Assistant.class), tools)
                .chatModel(FakeChatModel.answering(model))
                .build();
        return () -> assistant.chat("go");
      }
    },
    STREAMING {
      @Override
      Runnable agent(
          AgentOps ops,
          Function<ChatRequest, ChatResponse> model,
          Map<String, ToolExecutor> tools) {
        return streaming(with(ops.aiServices(StreamingAssistant.class), tools), model);
      }
    },
    STREAMING_CONCURRENT_TOOLS {
      @Override
      Runnable agent(
          AgentOps ops,
          Function<ChatRequest, ChatResponse> model,
          Map<String, ToolExecutor> tools) {
        return streaming(
            with(ops.aiServices(StreamingAssistant.class), tools).executeToolsConcurrently(),
            model);
      }
    },
    /** As a Flux: it starts on the thread of its subscriber, which knows nothing of the agent. */
    REACTIVE {
      @Override
      Runnable agent(
          AgentOps ops,
          Function<ChatRequest, ChatResponse> model,
          Map<String, ToolExecutor> tools) {
        ReactiveAssistant assistant =
            with(ops.aiServices(ReactiveAssistant.class), tools)
                .streamingChatModel(streamingModel(model))
                .build();
        return () -> {
          TokenStreams.Later later = assistant.chat("go"); // held: else the run is abandoned
          CompletableFuture<String> reply = new CompletableFuture<>();
          new Thread(() -> start(later.stream(), reply), "subscriber").start();
          await(reply);
        };
      }
    };

    /** One call of the agent, which throws what its caller is told. */
    abstract Runnable agent(
        AgentOps ops, Function<ChatRequest, ChatResponse> model, Map<String, ToolExecutor> tools);

    private static Runnable streaming(
        AiServices<StreamingAssistant> builder, Function<ChatRequest, ChatResponse> model) {
      StreamingAssistant assistant = builder.streamingChatModel(streamingModel(model)).build();
      return () -> {
        CompletableFuture<String> reply = new CompletableFuture<>();
        start(assistant.chat("go"), reply);
        await(reply);
      };
    }

    static <T> AiServices<T> with(AiServices<T> builder, Map<String, ToolExecutor> tools) {
      Map<ToolSpecification, ToolExecutor> specified = new HashMap<>();
      tools.forEach(
          (name, tool) -> specified.put(ToolSpecification.builder().name(name).build(), tool));
      return builder.tools(specified);
    }
  }

  /** A model that says the n-th of these, from 0 on. */
  static Function<ChatRequest, ChatResponse> script(
      AtomicInteger asked, IntFunction<AiMessage> nth) {
    return request -> response(nth.apply(asked.getAndIncrement()));
  }

  static ChatResponse response(AiMessage message) {
    return FakeChatModel.response(
        message,
        message.hasToolExecutionRequests() ? FinishReason.TOOL_EXECUTION : FinishReason.STOP);
  }

  static AiMessage call(String tool, String arguments) {
    return AiMessage.from(request(tool, arguments));
  }

  static ToolExecutionRequest request(String tool, String arguments) {
    return ToolExecutionRequest.builder().id("1").name(tool).arguments(arguments).build();
  }

  private static void start(TokenStream stream, CompletableFuture<String> reply) {
    stream
        .onPartialResponse(partial -> {})
        .onCompleteResponse(response -> reply.complete(response.aiMessage().text()))
        .onError(reply::completeExceptionally)
        .start();
  }

  /** Streams on a thread of its own, as over HTTP. */
  private static FakeStreamingChatModel streamingModel(Function<ChatRequest, ChatResponse> model) {
    return FakeStreamingChatModel.scripted(
        (request, handler) -> new Thread(() -> stream(model, request, handler), "http").start());
  }

  private static void stream(
      Function<ChatRequest, ChatResponse> model,
      ChatRequest request,
      StreamingChatResponseHandler handler) {
    ChatResponse response;
    try {
      response = model.apply(request);
    } catch (RuntimeException e) {
      handler.onError(e);
      return;
    }
    List<ToolExecutionRequest> tools = response.aiMessage().toolExecutionRequests();
    for (int i = 0; i < tools.size(); i++) {
      handler.onCompleteToolCall(new CompleteToolCall(i, tools.get(i)));
    }
    handler.onCompleteResponse(response);
  }

  private static void await(CompletableFuture<String> reply) {
    try {
      reply.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }
}
