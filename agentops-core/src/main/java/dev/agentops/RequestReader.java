package dev.agentops;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.openai.OpenAiChatRequestParameters;
import org.jspecify.annotations.Nullable;

/**
 * Reads what only a provider's own parameters tell of a request, without its jar where that is not
 * there.
 */
final class RequestReader {

  private static final String OPEN_AI = "dev.langchain4j.model.openai.OpenAiChatRequestParameters";

  private RequestReader() {}

  static @Nullable Long seed(ChatRequestParameters parameters) {
    return parameters.getClass().getName().equals(OPEN_AI) ? OpenAi.seed(parameters) : null;
  }

  private static final class OpenAi {

    static @Nullable Long seed(ChatRequestParameters parameters) {
      Integer seed = ((OpenAiChatRequestParameters) parameters).seed();
      return seed == null ? null : seed.longValue();
    }
  }
}
