package dev.agentops;

import dev.agentops.testing.FakeStreamingChatModel;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.spi.services.TokenStreamAdapter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Streams in the shapes that AI services return them in, besides LangChain4j's own. */
public final class TokenStreams {

  private TokenStreams() {}

  /** A model that streams its answers on a thread of its own, as over HTTP. */
  static FakeStreamingChatModel onItsOwnThread(Function<ChatRequest, ChatResponse> answers) {
    return FakeStreamingChatModel.scripted(
        (request, handler) -> {
          Thread thread =
              new Thread(
                  () -> {
                    ChatResponse response = answers.apply(request);
                    List<ToolExecutionRequest> tools = response.aiMessage().toolExecutionRequests();
                    for (int i = 0; i < tools.size(); i++) {
                      handler.onCompleteToolCall(new CompleteToolCall(i, tools.get(i)));
                    }
                    try {
                      handler.onCompleteResponse(response);
                    } catch (Throwable lost) {
                      // as clients do, which only log it
                    }
                  },
                  "http");
          thread.setDaemon(true);
          thread.start();
        });
  }

  private static CompletableFuture<String> start(TokenStream stream) {
    CompletableFuture<String> reply = new CompletableFuture<>();
    stream
        .onCompleteResponse(response -> reply.complete(response.aiMessage().text()))
        .onError(reply::completeExceptionally)
        .start();
    return reply;
  }

  /** A stream that starts when it is asked for, as reactive ones do. */
  public record Later(TokenStream stream) {

    CompletableFuture<String> start() {
      return TokenStreams.start(stream);
    }
  }

  /** Starts lazily, found by LangChain4j as a service. */
  public static final class LaterAdapter implements TokenStreamAdapter {

    @Override
    public boolean canAdaptTokenStreamTo(Type type) {
      return type == Later.class;
    }

    @Override
    public Object adapt(TokenStream stream) {
      return new Later(stream);
    }
  }

  /** Starts at once, found by LangChain4j as a service. */
  public static final class FutureAdapter implements TokenStreamAdapter {

    @Override
    public boolean canAdaptTokenStreamTo(Type type) {
      return type instanceof ParameterizedType generic
          && generic.getRawType() == CompletableFuture.class;
    }

    @Override
    public Object adapt(TokenStream stream) {
      return start(stream);
    }
  }
}
