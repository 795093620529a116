package dev.agentops;

import dev.langchain4j.model.ModelProvider;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Maps LangChain4j's providers to the values of {@code gen_ai.provider.name} of the OpenTelemetry
 * conventions 1.41.1.
 */
public final class ProviderNames {

  private static final String UNKNOWN = "unknown";

  private ProviderNames() {}

  public static String of(@Nullable ModelProvider provider) {
    if (provider == null) { // a mocked model
      return UNKNOWN;
    }
    return switch (provider
        .name()) { // by name: a newer LangChain4j may know more than the one this was compiled
      // against
      case "OPEN_AI" -> "openai";
      case "AZURE_OPEN_AI" -> "azure.ai.openai";
      case "MICROSOFT_FOUNDRY", "GITHUB_MODELS" -> "azure.ai.inference";
      case "AMAZON_BEDROCK" -> "aws.bedrock";
      case "GOOGLE_AI_GEMINI" -> "gcp.gemini";
      case "GOOGLE_GENAI" -> "gcp.gen_ai";
      case "GOOGLE_VERTEX_AI_GEMINI", "GOOGLE_VERTEX_AI_ANTHROPIC" -> "gcp.vertex_ai";
      case "WATSONX" -> "ibm.watsonx.ai";
      case "OTHER" -> UNKNOWN;
      default -> provider.name().toLowerCase(Locale.ROOT);
    };
  }
}
