package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PriceCatalogUpdaterTest {

  @TempDir Path directory;

  private final ByteArrayOutputStream report = new ByteArrayOutputStream();
  private Path target;

  @BeforeEach
  void setUp() {
    target = directory.resolve("prices.json");
  }

  @ParameterizedTest
  @CsvSource({
    // genai-prices is the base, with its dates
    "acme, solid, 2026-07-01T00:00:00Z, , , , 0.00001",
    "acme, solid-1, 2026-09-01T00:00:00Z, , , , 0.000005",
    // the tiers of the other list begin on its day, and end when the price changes they agree on
    "acme, solid, 2026-07-31T23:59:59Z, batch, , , unpriced",
    "acme, solid, 2026-08-01T00:00:00Z, batch, , , 0.000005",
    "acme, solid, 2026-08-31T23:59:59Z, batch, , , 0.000005",
    "acme, solid, 2026-09-01T00:00:00Z, batch, , , unpriced",
    "acme, solid, 2026-08-20T00:00:00Z, flex, , , 0.0000065",
    "acme, solid, 2026-08-20T00:00:00Z, priority, , , unpriced",
    // regions, speeds
    "acme, solid, 2026-07-01T00:00:00Z, , eu, , 0.000011",
    "acme, solid, 2026-08-20T00:00:00Z, batch, eu, , 0.0000055",
    "acme, solid, 2026-08-20T00:00:00Z, , , fast, 0.00006",
    "acme, solid, 2026-08-20T00:00:00Z, , eu, fast, 0.000066",
    "acme, solid, 2026-07-20T00:00:00Z, , , fast, unpriced",
    // where the lists disagree, the tiers are true for the day on which they were seen
    "acme, stale, 2026-08-20T00:00:00Z, , , , 0.000012",
    "acme, stale, 2026-08-01T12:00:00Z, batch, , , 0.000007",
    "acme, stale, 2026-08-02T00:00:00Z, batch, , , unpriced",
    // and so are the hosts of one list alone that are added; other models of one list are not
    "acme, fresh, 2026-08-01T00:00:00Z, , , , unpriced",
    "dashscope, bands, 2026-07-31T23:59:59Z, , , , unpriced",
    "acme, gratis, 2026-08-01T00:00:00Z, , , , unpriced",
    "dashscope, bands, 2026-08-01T00:00:00Z, , , , 0.000011",
    "dashscope, bands, 2026-08-02T00:00:00Z, , , , unpriced",
    // a fallback has the standard prices only
    "lodge, solid, 2026-08-20T00:00:00Z, , , , 0.00001",
    "lodge, solid, 2026-08-20T00:00:00Z, , eu, , 0.00001",
    "lodge, solid, 2026-08-20T00:00:00Z, batch, , , unpriced",
    "lodge, solid, 2026-08-20T00:00:00Z, , , fast, unpriced",
  })
  void run_twoFeeds_areMerged(
      String provider,
      String model,
      Instant at,
      String tier,
      String region,
      String speed,
      String usd)
      throws IOException {
    run();

    PriceQuery query =
        PriceQuery.builder()
            .provider(provider)
            .model(model)
            .usage(TestPrices.usage("input=1 output=1"))
            .at(at)
            .serviceTier(tier)
            .region(region)
            .speed(speed)
            .build();

    assertThat(price(PriceCatalog.load(target), query)).isEqualTo(usd);
  }

  @ParameterizedTest
  @CsvSource({
    "solid, flex, input=100000, 0.15",
    "solid, flex, input=100001, 0.2500025",
    "solid, flex, input=100001 cacheRead=1, 0.2500001",
    "solid, batch, input=100000, 0.1",
    "solid, batch, input=100001, unpriced",
    "solid, batch, input=2 cacheRead=1, 0.000002",
    "solid, batch, output=1 web_searches=1, 0.010004",
    "ground, , output=1 web_searches=2, 0.040008", // a fee of the other list, whose rates agree
    "stale, , output=1 web_searches=2, unpriced",
    "motion, , output=1, 0.005002",
    "motion, , output=1 output_video_tokens=1, 0.005042",
    "voice, , audio_seconds=36 input_text_messages=1, 0.0076",
    "gift:free, , input=7 output=9, 0",
    "forgotten, , input=7 output=9, unpriced",
  })
  void run_twoFeeds_everyPartIsPriced(String model, String tier, String usage, String usd)
      throws IOException {
    run();

    PriceQuery query =
        PriceQuery.builder()
            .provider("acme")
            .model(model)
            .usage(TestPrices.usage(usage))
            .at(Instant.parse("2026-08-20T00:00:00Z"))
            .serviceTier(tier)
            .build();

    assertThat(price(PriceCatalog.load(target), query)).isEqualTo(usd);
  }

  @Test
  void run_priceOfOneListAlone_isUnpricedWithTheReason() throws IOException {
    run();

    PriceQuote quote =
        PriceCatalog.load(target)
            .quote(
                PriceQuery.builder()
                    .provider("dashscope")
                    .model("bands")
                    .usage(TestPrices.usage("input=1"))
                    .at(Instant.parse("2026-08-20T00:00:00Z"))
                    .build());

    assertThat(quote.status()).isEqualTo(PriceQuote.Status.NO_RULE);
    assertThat(quote.reason()).contains("last confirmed by LiteLLM of 2026-08-01");
  }

  @Test
  void run_again_writesTheSameAndReportsNoChange() throws IOException {
    run();
    String first = Files.readString(target);
    report.reset();

    run();

    assertThat(Files.readString(target)).isEqualTo(first);
    assertThat(first.lines().filter(line -> line.startsWith("{\"id\":\"solid\""))).hasSize(1);
    assertThat(report()).contains("0 new, 0 changed, 0 gone");
  }

  @Test
  void run_report_namesNewModelsAndDisagreements() throws IOException {
    run();

    assertThat(report())
        .contains("new      acme/solid", "new      dashscope/bands", "7 new, 0 changed, 0 gone")
        .contains("disagree acme/stale 2026-08-01: input 3 and 5")
        .contains("genai-prices 9.9 of 2026-08-15: 7 entries, 6 models")
        .contains("LiteLLM of 2026-08-01: 7 entries, 6 models")
        .contains("disagreements at the date of LiteLLM's list: 1")
        .contains("added to 1 models, to 1 more only for 2026-08-01")
        .contains("1 models added only for that day, 2 that no other feed confirms left out");
    assertThat(PriceCatalog.load(target).version())
        .startsWith("genai-prices 9.9 of 2026-08-15, LiteLLM of 2026-08-01 #");
    assertThat(Files.readString(target))
        .contains("github.com/pydantic/genai-prices", "github.com/BerriAI/litellm", "MIT");
  }

  @Test
  void run_check_failsOnAChangeAndWritesNothing() throws IOException {
    run();
    assertThat(run("check=true")).isZero();
    String changed = Files.readString(target).replace("\"input\":3", "\"input\":33");
    Files.writeString(target, changed);
    report.reset();

    assertThat(run("check=true")).isOne();

    assertThat(Files.readString(target)).isEqualTo(changed);
    assertThat(report()).contains("changed  acme/stale", "0 new, 1 changed, 0 gone");
  }

  @ParameterizedTest
  @ValueSource(strings = {"force=true", "litellm.date=soon", "genai.date=2026-02-30", "check"})
  void run_badArgument_isQuoted(String argument) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(argument))
        .withMessageContaining(argument.substring(argument.indexOf('=') + 1));
  }

  @Test
  void run_wrongList_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run("litellm=" + TestPrices.resource("genai-feed.json")))
        .withMessageContaining("LiteLLM");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run("genai=" + TestPrices.resource("litellm-feed.json")))
        .withMessageContaining("genai-prices");
    assertThat(target).doesNotExist();
  }

  /** Runs with the feeds of this test; an argument that is said goes before them. */
  private int run(String... arguments) throws IOException {
    String[] all = {
      "target=" + target,
      "genai=" + TestPrices.resource("genai-feed.json"),
      "genai.version=9.9",
      "genai.date=2026-08-15",
      "litellm=" + TestPrices.resource("litellm-feed.json"),
      "litellm.date=2026-08-01",
      arguments.length == 0 ? "check=" : arguments[0]
    };
    return PriceCatalogUpdater.run(new PrintStream(report, true, StandardCharsets.UTF_8), all);
  }

  private String report() {
    return report.toString(StandardCharsets.UTF_8);
  }

  private static String price(PriceCatalog catalog, PriceQuery query) {
    return catalog
        .cost(query)
        .map(cost -> cost.usd().stripTrailingZeros().toPlainString())
        .orElse("unpriced");
  }
}
