package dev.agentops.cost;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Models that answer what a test says; they are asked for {@code acme-plain}. */
final class FakeModels {

  static final String MODEL = "acme-plain";

  private FakeModels() {}

  static ChatModel chat(Supplier<ChatResponse> answer) {
    return new ChatModel() {
      @Override
      public ChatResponse doChat(ChatRequest request) {
        return answer.get();
      }

      @Override
      public ChatRequestParameters defaultRequestParameters() {
        return ChatRequestParameters.builder().modelName(MODEL).build();
      }
    };
  }

  static StreamingChatModel streaming(Consumer<StreamingChatResponseHandler> stream) {
    return new StreamingChatModel() {
      @Override
      public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        stream.accept(handler);
      }

      @Override
      public ChatRequestParameters defaultRequestParameters() {
        return ChatRequestParameters.builder().modelName(MODEL).build();
      }
    };
  }

  static EmbeddingModel embedding(@Nullable TokenUsage usage) {
    return new EmbeddingModel() {
      @Override
      public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
        List<Embedding> all = segments.stream().map(s -> Embedding.from(new float[] {1})).toList();
        return Response.from(all, usage);
      }

      @Override
      public String modelName() {
        return MODEL;
      }

      @Override
      public ModelProvider provider() {
        return ModelProvider.OTHER;
      }
    };
  }

  static ChatResponse answer(@Nullable String model, @Nullable TokenUsage usage) {
    return ChatResponse.builder()
        .aiMessage(AiMessage.from("twelve chars"))
        .modelName(model)
        .tokenUsage(usage)
        .build();
  }

  static ChatRequest request(String text, int maxOutputTokens) {
    return ChatRequest.builder()
        .messages(UserMessage.from(text))
        .maxOutputTokens(maxOutputTokens)
        .build();
  }
}
