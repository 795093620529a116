package dev.agentops.examples.server;

import dev.agentops.Cost;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the server is told by its environment.
 *
 * @param host the address to listen on; the loopback address unless said, because traces and the
 *     console show prompts to whoever can reach them
 * @param port the port to listen on; 0 for a free one
 * @param baseUrl of an OpenAI-compatible endpoint; null for OpenAI's own where there is a key, else
 *     for the local one
 * @param apiKey null where the endpoint needs none
 * @param model the chat model
 * @param embeddingModel the embedding model
 * @param modelTimeout for an answer of the model endpoint
 * @param requestsPerMinute how many model calls a user may make
 * @param dailyBudget what a user may spend a day
 * @param maxTurns how many messages may be worked on at once
 * @param shutdownGrace how long a shutdown waits for them
 */
record ServerConfig(
    String host,
    int port,
    @Nullable URI baseUrl,
    @Nullable String apiKey,
    String model,
    String embeddingModel,
    Duration modelTimeout,
    long requestsPerMinute,
    Cost dailyBudget,
    int maxTurns,
    Duration shutdownGrace) {

  private static final String OPENAI = "https://api.openai.com/v1";

  ServerConfig {
    require(port >= 0 && port <= 65_535, "PORT must be from 0 to 65535: ", port);
    require(requestsPerMinute > 0, "RATE_LIMIT_PER_MINUTE must be positive: ", requestsPerMinute);
    require(dailyBudget.signum() > 0, "DAILY_BUDGET_USD must be positive: ", dailyBudget);
    require(modelTimeout.toSeconds() > 0, "MODEL_TIMEOUT_SECONDS must be positive: ", modelTimeout);
    require(maxTurns > 0, "MAX_CONCURRENT_CHATS must be positive: ", maxTurns);
  }

  /**
   * Reads the variables of an environment.
   *
   * @throws IllegalArgumentException if one makes no sense; quotes its name and value
   */
  static ServerConfig from(Map<String, String> environment) {
    Environment env = new Environment(environment);
    String key = env.text("OPENAI_API_KEY");
    URI url = env.url("OPENAI_BASE_URL");
    return new ServerConfig(
        env.text("HOST", "127.0.0.1"),
        (int) env.number("PORT", 8000),
        url == null && key != null ? URI.create(OPENAI) : url,
        key,
        env.text("OPENAI_MODEL", "gpt-4o-mini"),
        env.text("OPENAI_EMBEDDING_MODEL", "text-embedding-3-small"),
        Duration.ofSeconds(env.number("MODEL_TIMEOUT_SECONDS", 60)),
        env.number("RATE_LIMIT_PER_MINUTE", 120),
        env.cost("DAILY_BUDGET_USD", "5"),
        (int) env.number("MAX_CONCURRENT_CHATS", 150),
        Duration.ofSeconds(env.number("SHUTDOWN_GRACE_SECONDS", 10)));
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "ServerConfig{" + host + ':' + port + ", " + model + " at " + baseUrl + '}';
  }

  private static void require(boolean holds, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(rule + value);
    }
  }

  /** Variables, of which an empty one counts as absent. */
  private record Environment(Map<String, String> variables) {

    @Nullable String text(String name) {
      String value = variables.get(name);
      return value == null || value.isBlank() ? null : value.strip();
    }

    String text(String name, String otherwise) {
      String value = text(name);
      return value == null ? otherwise : value;
    }

    long number(String name, long otherwise) {
      String value = text(name);
      try {
        return value == null ? otherwise : Integer.parseInt(value);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(name + " must be a whole number: '" + value + "'", e);
      }
    }

    Cost cost(String name, String otherwise) {
      String value = text(name, otherwise);
      try {
        return Cost.usd(value);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(name + " must be an amount: '" + value + "'", e);
      }
    }

    @Nullable URI url(String name) {
      String value = text(name);
      if (value == null) {
        return null;
      }
      if (!value.matches("https?://[^\\s]+")) {
        throw new IllegalArgumentException(name + " must be an http address: '" + value + "'");
      }
      return URI.create(value.replaceAll("/+$", ""));
    }
  }
}
