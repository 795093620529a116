package dev.agentops.cost;

import dev.agentops.Usage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The price files of the tests, and usages in short. */
final class TestPrices {

  private TestPrices() {}

  /** {@code acme-plain} costs a dollar for a million tokens of either kind. */
  static PriceCatalog catalog() {
    try {
      return PriceCatalog.load(resource("test-prices.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A catalogue of one provider, {@code p}, from the JSON of its models. */
  static PriceCatalog models(String models) {
    return providers("{\"id\":\"p\",\"models\":[" + models + "]}");
  }

  /** A catalogue from the JSON of its providers. */
  static PriceCatalog providers(String providers) {
    return parse(
        "{\"format\":\"agentops-prices/2\",\"version\":\"v\",\"providers\":[" + providers + "]}");
  }

  /** A catalogue from JSON, in a file {@code test.json}. */
  static PriceCatalog parse(String json) {
    try {
      return PriceFile.read(
          new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), "test.json");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path resource(String name) {
    try {
      return Path.of(TestPrices.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Parses {@code "input=12 cacheRead=3 web_searches=1"}. */
  static Usage usage(String text) {
    Usage.Builder usage = Usage.builder();
    for (String part : text.split(" ", -1)) {
      String[] pair = part.split("=", 2);
      BigDecimal value = new BigDecimal(pair[1]);
      switch (pair[0]) {
        case "input" -> usage.inputTokens(value.longValueExact());
        case "cacheRead" -> usage.cacheReadTokens(value.longValueExact());
        case "cacheWrite" -> usage.cacheWriteTokens(value.longValueExact());
        case "cacheWrite1h" -> usage.cacheWrite1hTokens(value.longValueExact());
        case "inputAudio" -> usage.inputAudioTokens(value.longValueExact());
        case "cacheReadAudio" -> usage.cacheReadAudioTokens(value.longValueExact());
        case "inputImage" -> usage.inputImageTokens(value.longValueExact());
        case "output" -> usage.outputTokens(value.longValueExact());
        case "reasoning" -> usage.reasoningTokens(value.longValueExact());
        case "outputAudio" -> usage.outputAudioTokens(value.longValueExact());
        case "outputImage" -> usage.outputImageTokens(value.longValueExact());
        default -> usage.units(pair[0], value);
      }
    }
    return usage.build();
  }
}
