package dev.agentops.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Makes the bundled catalogue of two public lists, and tells what changed and where they disagree.
 *
 * <pre>{@code ./mvnw -q -Pprices}</pre>
 *
 * <p>downloads the newest lists. The arguments, all {@code name=value} and all but {@code target}
 * optional:
 *
 * <ul>
 *   <li>{@code target}: the file to write
 *   <li>{@code genai}, {@code litellm}: an address or a file
 *   <li>{@code genai.date}, {@code litellm.date}: the day of which the list is, today unless said
 *   <li>{@code genai.version}: of genai-prices, where it is known
 *   <li>{@code check}: with {@code true} nothing is written, and the exit code is 1 where the file
 *       would change
 * </ul>
 *
 * <p>The prices are those of genai-prices, which knows from when on and at which hours they hold;
 * {@link PriceMerge} adds what only LiteLLM lists.
 */
final class PriceCatalogUpdater {

  private static final String GENAI_PRICES =
      "https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/new_data/v2/data.json";
  private static final String LITELLM =
      "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json";
  private static final Set<String> ARGUMENTS =
      Set.of("target", "genai", "genai.version", "genai.date", "litellm", "litellm.date", "check");
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  /** Prices that the source still lists after the provider changed them: from then on, unknown. */
  private static final Map<String, String> ENDED = Map.of("deepseek/deepseek-chat", "2025-09-05");

  private final Map<String, String> arguments;
  private final PrintStream out;

  private PriceCatalogUpdater(Map<String, String> arguments, PrintStream out) {
    this.arguments = arguments;
    this.out = out;
  }

  public static void main(String[] args) throws IOException {
    int exitCode = run(System.out, args);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  /**
   * Does what {@link #main} does.
   *
   * @return the exit code
   * @throws IllegalArgumentException if an argument or a list is malformed
   */
  static int run(PrintStream out, String... args) throws IOException {
    Map<String, String> arguments = new HashMap<>();
    for (String arg : args) {
      int equals = arg.indexOf('=');
      String name = equals < 0 ? arg : arg.substring(0, equals);
      if (equals < 0 || !ARGUMENTS.contains(name)) {
        throw new IllegalArgumentException("unknown argument '" + arg + "', not of " + ARGUMENTS);
      }
      if (equals < arg.length() - 1) {
        arguments.put(name, arg.substring(equals + 1));
      }
    }
    if (!arguments.containsKey("target")) {
      throw new IllegalArgumentException("missing argument 'target=prices.json'");
    }
    return new PriceCatalogUpdater(arguments, out).update();
  }

  private int update() throws IOException {
    PriceFeed genAiPrices = genAiPrices();
    PriceFeed liteLlm = liteLlm();
    PriceMerge merge = PriceMerge.of(genAiPrices, liteLlm);
    String text = PriceFileWriter.write(catalog(genAiPrices, liteLlm));
    Path target = Path.of(arguments.get("target"));
    JsonNode before =
        Files.exists(target)
            ? PriceFile.JSON.readTree(target.toFile())
            : PriceFile.JSON.createObjectNode();
    PriceFileDiff diff = PriceFileDiff.between(before, PriceFile.JSON.readTree(text));
    merge.disagreements().forEach(line -> out.println("disagree " + line));
    out.println(diff);
    out.println("disagreements at the date of LiteLLM's list: " + merge.disagreements().size());
    out.println(merge);
    if (Boolean.parseBoolean(arguments.get("check"))) {
      return diff.isEmpty() ? 0 : 1;
    }
    Files.writeString(target, text);
    out.println(target + ": " + PriceCatalog.load(target).version());
    return 0;
  }

  private PriceFeed genAiPrices() throws IOException {
    JsonNode providers = read("genai", GENAI_PRICES);
    if (!GenAiPrices.recognises(providers)) {
      throw new IllegalArgumentException("not the providers of genai-prices: 'genai'");
    }
    LocalDate date = date("genai.date");
    String version = arguments.get("genai.version");
    String name = "genai-prices " + (version == null ? "" : version + ' ') + "of " + date;
    ObjectNode tree = GenAiPrices.convert(providers, name);
    int listed = 0;
    for (JsonNode provider : providers) {
      listed += provider.path("models").size();
    }
    tellSize(name, listed, tree);
    for (JsonNode provider : tree.path("providers")) {
      for (JsonNode model : provider.path("models")) {
        String ended = ENDED.get(PriceFeed.id(provider) + '/' + PriceFeed.id(model));
        if (ended != null) {
          model.path("prices").forEach(rule -> ((ObjectNode) rule).put("until", ended));
        }
      }
    }
    return new PriceFeed(name, date, tree);
  }

  private PriceFeed liteLlm() throws IOException {
    JsonNode models = read("litellm", LITELLM);
    if (!LiteLlmPrices.recognises(models)) {
      throw new IllegalArgumentException("not the models of LiteLLM: 'litellm'");
    }
    LocalDate date = date("litellm.date");
    String name = "LiteLLM of " + date;
    ObjectNode tree = LiteLlmPrices.convert(models, name);
    tellSize(name, models.size(), tree);
    return new PriceFeed(name, date, tree);
  }

  /** Entries that are no models are told twice, or have no price, or one for which are no words. */
  private void tellSize(String name, int listed, ObjectNode tree) {
    int kept = 0;
    for (JsonNode provider : tree.path("providers")) {
      kept += provider.path("models").size();
    }
    out.println(name + ": " + listed + " entries, " + kept + " models");
  }

  private static ObjectNode catalog(PriceFeed genAiPrices, PriceFeed liteLlm) {
    ObjectNode catalog = PriceFile.JSON.createObjectNode();
    catalog.put("format", PriceFile.FORMAT);
    catalog.put("version", genAiPrices.name() + ", " + liteLlm.name());
    catalog.put("date", genAiPrices.date().toString());
    catalog.put("currency", "USD");
    catalog
        .putArray("sources")
        .add("https://github.com/pydantic/genai-prices")
        .add("https://github.com/BerriAI/litellm");
    catalog.put(
        "license",
        "MIT, Copyright (c) Pydantic Services Inc. 2025 to present; MIT, Copyright (c) 2023 Berri AI");
    catalog.set("providers", genAiPrices.tree().path("providers"));
    return catalog;
  }

  private LocalDate date(String argument) {
    String date = arguments.get(argument);
    try {
      return date == null ? LocalDate.now(ZoneOffset.UTC) : LocalDate.parse(date);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("bad " + argument + ": '" + date + "'", e);
    }
  }

  private JsonNode read(String argument, String address) throws IOException {
    String source = arguments.getOrDefault(argument, address);
    return PriceFile.JSON.readTree(
        source.startsWith("https://") ? download(source) : Files.readString(Path.of(source)));
  }

  private static String download(String address) throws IOException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(address)).timeout(TIMEOUT).build();
    try {
      HttpResponse<String> response =
          HttpClient.newBuilder()
              .connectTimeout(TIMEOUT)
              .followRedirects(HttpClient.Redirect.NORMAL)
              .build()
              .send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      if (response.statusCode() != 200) {
        throw new IOException("status " + response.statusCode() + " of " + address);
      }
      return response.body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while downloading " + address, e);
    }
  }
}
