package dev.agentops.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * Writes the bundled catalogue from the providers' JSON of genai-prices: {@code PriceCatalogUpdater
 * providers.json "0.1.8" 2026-09-23 prices.json}.
 *
 * <p>The arguments are the source, its version, its date, and the file to write. One model a line,
 * so that an update is a readable diff.
 */
final class PriceCatalogUpdater {

  private static final Set<String> PROVIDERS =
      Set.of(
          "anthropic",
          "aws",
          "azure",
          "cerebras",
          "cohere",
          "deepseek",
          "fireworks",
          "google",
          "groq",
          "mistral",
          "moonshotai",
          "openai",
          "openrouter",
          "together",
          "voyageai",
          "x-ai",
          "zai");

  /** Prices that the source still lists after the provider changed them: from then on, unknown. */
  private static final Map<String, String> ENDED =
      Map.of(
          "deepseek/deepseek-chat", "2025-09-05",
          "deepseek/deepseek-reasoner", "2025-09-05");

  private PriceCatalogUpdater() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 4) {
      throw new IllegalArgumentException(
          "expected: providers.json version date target.json, got " + args.length + " arguments");
    }
    write(Path.of(args[0]), args[1], args[2], Path.of(args[3]));
  }

  static void write(Path source, String version, String date, Path target) throws IOException {
    JsonNode providers = PriceFile.JSON.readTree(source.toFile());
    if (!GenAiPrices.recognises(providers)) {
      throw new IllegalArgumentException("not the providers of genai-prices: '" + source + "'");
    }
    ObjectNode catalog = GenAiPrices.convert(providers, "genai-prices " + version + " of " + date);
    try (BufferedWriter out = Files.newBufferedWriter(target)) {
      out.write("{\"format\":" + quoted(PriceFile.FORMAT) + ",\n");
      out.write("\"version\":" + quoted(catalog.path("version").asText()) + ",\n");
      out.write("\"date\":" + quoted(date) + ",\n");
      out.write("\"currency\":\"USD\",\n");
      out.write("\"sources\":[\"https://github.com/pydantic/genai-prices\"],\n");
      out.write("\"license\":\"MIT, Copyright (c) Pydantic Services Inc. 2025 to present\",\n");
      out.write("\"providers\":[");
      String separator = "\n";
      for (JsonNode provider : catalog.path("providers")) {
        if (PROVIDERS.contains(provider.path("id").asText())) {
          out.write(separator);
          writeProvider((ObjectNode) provider, out);
          separator = ",\n";
        }
      }
      out.write("]}\n");
    }
  }

  private static void writeProvider(ObjectNode provider, BufferedWriter out) throws IOException {
    String id = provider.path("id").asText();
    ArrayNode models = (ArrayNode) provider.remove("models");
    String head = PriceFile.JSON.writeValueAsString(provider);
    out.write(head.substring(0, head.length() - 1) + ",\"models\":[");
    for (Iterator<JsonNode> all = models.iterator(); all.hasNext(); ) {
      JsonNode model = all.next();
      String ended = ENDED.get(id + '/' + model.path("id").asText());
      if (ended != null) {
        model.path("prices").forEach(rule -> ((ObjectNode) rule).put("until", ended));
      }
      out.write('\n' + PriceFile.JSON.writeValueAsString(model) + (all.hasNext() ? "," : ""));
    }
    out.write("]}");
  }

  private static String quoted(String text) throws IOException {
    return PriceFile.JSON.writeValueAsString(text);
  }
}
