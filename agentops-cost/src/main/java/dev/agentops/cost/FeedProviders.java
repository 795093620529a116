package dev.agentops.cost;

import java.util.List;
import java.util.Map;

/** How providers are called: by the feeds, by OpenTelemetry, and by LangChain4j. */
final class FeedProviders {

  /** Other names of a provider, by its id in genai-prices. */
  private static final Map<String, List<String>> NAMES =
      Map.ofEntries(
          Map.entry("aws", List.of("aws.bedrock")),
          Map.entry("azure", List.of("azure.ai.openai", "azure.ai.inference", "*azure*")),
          Map.entry("dashscope", List.of("alibaba", "alibaba_cloud", "qwen", "*dashscope*")),
          Map.entry("fireworks", List.of("fireworks_ai", "fireworksai")),
          Map.entry("google", List.of("gcp.gemini", "gcp.gen_ai", "gcp.vertex_ai")),
          Map.entry("mistral", List.of("mistral_ai")),
          Map.entry("openai", List.of("open_ai")),
          Map.entry("together", List.of("togetherai")),
          Map.entry("watsonx", List.of("ibm.watsonx.ai")),
          Map.entry("x-ai", List.of("x_ai")),
          Map.entry("zai", List.of("z_ai", "z-ai")));

  /** What genai-prices tells of its providers itself, for the feed that tells nothing. */
  private static final Map<String, List<String>> PATTERNS =
      Map.of(
          "anthropic", List.of("*anthropic*"),
          "aws", List.of("*bedrock*", "*amazon*"),
          "google", List.of("*google*", "*vertex*", "*gemini*"),
          "mistral", List.of("mistral*"),
          "openai", List.of("*openai*"),
          "together", List.of("together-ai", "together_ai"),
          "x-ai", List.of("xai"));

  /** Models that are nobody else's but that genai-prices finds only when the provider is named. */
  private static final Map<String, List<String>> CLAIMS =
      Map.of("openai", List.of("chatgpt-*", "codex-mini*", "ft:gpt-*", "text-embedding-*"));

  /** What genai-prices tells of its providers' models itself, for the feed that tells nothing. */
  private static final Map<String, List<String>> FAMILIES =
      Map.of(
          "anthropic", List.of("*claude*"),
          "cohere", List.of("command-*"),
          "deepseek", List.of("deepseek*"),
          "google", List.of("*gemini*"),
          "mistral", List.of("/^(?![^/]+/)(?:labs-)?(?:(?:mi|code|dev|magi|mini)stral|mixtral)/"),
          "openai", List.of("gpt-*", "whisper-1", "/^o[134]/"),
          "voyageai", List.of("voyage-*"),
          "x-ai", List.of("*grok*"));

  /** LiteLLM's names, up to the first hyphen, where genai-prices has others. */
  private static final Map<String, String> LITELLM =
      Map.ofEntries(
          Map.entry("azure_ai", "azure"),
          Map.entry("azure_text", "azure"),
          Map.entry("bedrock", "aws"),
          Map.entry("bedrock_converse", "aws"),
          Map.entry("bedrock_mantle", "aws"),
          Map.entry("codestral", "mistral"),
          Map.entry("cohere_chat", "cohere"),
          Map.entry("fireworks_ai", "fireworks"),
          Map.entry("gemini", "google"),
          Map.entry("github_copilot", "github-copilot"),
          Map.entry("moonshot", "moonshotai"),
          Map.entry("palm", "google"),
          Map.entry("together_ai", "together"),
          Map.entry("vertex_ai", "google"),
          Map.entry("voyage", "voyageai"),
          Map.entry("xai", "x-ai"));

  private static final String COMPLETIONS = "text-completion-";

  private FeedProviders() {}

  /** The names of a provider of genai-prices, besides those that its feed tells. */
  static List<String> names(String id) {
    return NAMES.getOrDefault(id, List.of());
  }

  /** Patterns for the names of a provider, as genai-prices has them. */
  static List<String> patterns(String id) {
    return PATTERNS.getOrDefault(id, List.of());
  }

  /** Models of a provider of genai-prices, besides those that its feed tells. */
  static List<String> claims(String id) {
    return CLAIMS.getOrDefault(id, List.of());
  }

  /** The models that are this provider's where none is named, as genai-prices has them. */
  static List<String> families(String id) {
    return FAMILIES.getOrDefault(id, List.of());
  }

  /** The host of a provider of LiteLLM: {@code vertex_ai} of {@code vertex_ai-llama_models}. */
  static String host(String litellmProvider) {
    String name =
        litellmProvider.startsWith(COMPLETIONS)
            ? litellmProvider.substring(COMPLETIONS.length())
            : litellmProvider;
    int hyphen = name.indexOf('-');
    return hyphen < 0 ? name : name.substring(0, hyphen);
  }

  /** The id in genai-prices, or LiteLLM's own where that lists a host of its own. */
  static String id(String host) {
    return LITELLM.getOrDefault(host, host);
  }
}
