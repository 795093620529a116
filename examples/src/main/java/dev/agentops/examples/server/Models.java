package dev.agentops.examples.server;

import dev.agentops.AgentOps;
import dev.agentops.http.AgentHttpClient;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.net.URI;

/** The models of an OpenAI-compatible endpoint, behind an {@link AgentOps}. */
record Models(
    String chatModelName, ChatModel chat, StreamingChatModel streaming, EmbeddingModel embedding) {

  /** LangChain4j waits half a second before it tries again; more would only add to an outage. */
  private static final int RETRIES = 1;

  static Models of(ServerConfig config, URI baseUrl, AgentOps ops) {
    String url = baseUrl.toString();
    return new Models(
        config.model(),
        ops.wrap(
            OpenAiChatModel.builder()
                .httpClientBuilder(AgentHttpClient.builder())
                .baseUrl(url)
                .apiKey(config.apiKey())
                .modelName(config.model())
                .timeout(config.modelTimeout())
                .maxRetries(RETRIES)
                .build()),
        ops.wrap(
            OpenAiStreamingChatModel.builder()
                .httpClientBuilder(AgentHttpClient.builder())
                .baseUrl(url)
                .apiKey(config.apiKey())
                .modelName(config.model())
                .timeout(config.modelTimeout())
                .build()),
        ops.wrap(
            OpenAiEmbeddingModel.builder()
                .httpClientBuilder(AgentHttpClient.builder())
                .baseUrl(url)
                .apiKey(config.apiKey())
                .modelName(config.embeddingModel())
                .timeout(config.modelTimeout())
                .maxRetries(RETRIES)
                .build()));
  }
}
