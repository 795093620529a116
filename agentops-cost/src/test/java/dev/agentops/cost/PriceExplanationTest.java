package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.Cost;
import dev.agentops.UsageGap;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PriceExplanationTest {

  private static final PriceCatalog CATALOG =
      TestPrices.models(
          """
          {"id": "m", "note": "introductory", "prices": [
            {"rates": {"input": 2.50, "cacheRead": 0.25, "output": 10},
             "units": {"requests": {"usd": 5, "per": 1000}, "audio_seconds": {"usd": 0.36, "per": 3600, "minimum": 10}}},
            {"inputAbove": 1000, "marginal": true, "rates": {"input": 5, "cacheRead": 0.5, "output": 20}},
            {"region": "eu", "factor": 1.1}]},
          {"id": "n", "prices": [{"rates": {"input": 1}}]}
          """);

  @Test
  void toString_priced_hasALineForEachComponent() {
    PriceExplanation explanation =
        CATALOG.explain(
            query("m", "input=1900 cacheRead=400 output=80 audio_seconds=3").region("eu").build());

    assertThat(explanation)
        .hasToString(
            """
            $0.01249 for p 'm-2026-01-31', %s
              provider     named 'p'
              model        p/m: date removed, its id
              note         introductory
              rule         p/m#2+1*3
              input        500 x 5 per 1000000 x 1.1 = $0.00275
              input        1000 x 2.5 per 1000000 x 1.1 = $0.00275
              cacheRead    400 x 0.25 per 1000000 x 1.1 = $0.00011
              output       80 x 10 per 1000000 x 1.1 = $0.00088
              requests     1 x 5 per 1000 = $0.005
              audio_seconds 10 x 0.36 per 3600 = $0.001"""
                .formatted(CATALOG.version()));
  }

  @Test
  void components_priced_addUpToTheCost() {
    PriceQuery query = query("m", "input=1900 cacheRead=400 output=80").region("eu").build();

    PriceExplanation explanation = CATALOG.explain(query);

    Cost sum =
        explanation.components().stream()
            .map(PriceExplanation.Component::amount)
            .reduce(Cost.ZERO, Cost::plus);

    assertThat(explanation.quote().cost()).contains(sum);
    assertThat(explanation.quote()).hasToString(CATALOG.quote(query).toString());
    assertThat(explanation.note()).contains("introductory");
    assertThat(explanation.components().get(0).name()).isEqualTo("input");
    assertThat(explanation.components().get(0).count()).isEqualTo(new BigDecimal(500));
    assertThat(explanation.components().get(0).rate()).isEqualTo("5 per 1000000 x 1.1");
  }

  @Test
  void toString_gaps_tellsTheInterval() {
    PriceExplanation explanation =
        CATALOG.explain(query("m", "input=100").gaps(Set.of(UsageGap.CACHE_READS)).build());

    assertThat(explanation.toString())
        .contains("between      $0.005025 and $0.00525: the usage is without [CACHE_READS]");
  }

  @Test
  void toString_missingRate_namesTheKind() {
    PriceExplanation explanation = CATALOG.explain(query("n", "input=1 output=2").build());

    assertThat(explanation.quote().status()).isEqualTo(PriceQuote.Status.NO_RATE);
    assertThat(explanation.quote().rule()).isEqualTo("p/n#1");
    assertThat(explanation.toString())
        .startsWith("No price for p 'n-2026-01-31'")
        .contains("missing      p/n#1 has no rate for output tokens");
  }

  @Test
  void toString_missingUnit_namesTheUnit() {
    assertThat(CATALOG.explain(query("n", "input=1 web_searches=2").build()).toString())
        .contains("missing      p/n#1 has no rate for web_searches");
  }

  @Test
  void toString_unknownModel_tellsTheNearest() {
    PriceExplanation explanation = CATALOG.explain(query("mm", "input=1").build());

    assertThat(explanation.entry()).isEmpty();
    assertThat(explanation.components()).isEmpty();
    assertThat(explanation.toString()).contains("missing      no model 'mm-2026-01-31'");
  }

  @Test
  void texts_nameWithControlCharacters_stayInOneLineAndShort() {
    String name = "gpt\n2026-08-05 ERROR \u001b[31m\u2028\u202e" + "x".repeat(10_000);
    PriceQuery query =
        PriceQuery.builder()
            .provider("p\r\nq")
            .model(name)
            .serviceTier("t\tier")
            .usage(TestPrices.usage("input=1"))
            .build();

    PriceExplanation explanation = CATALOG.explain(query);

    assertThat(explanation.quote().reason())
        .startsWith("no model 'gpt\\u000a2026-08-05 ERROR \\u001b[31m\\u2028\\u202exxx")
        .contains("xxx...' of provider 'p\\u000d\\u000aq'")
        .hasSizeLessThan(400);
    assertThat(explanation.toString().lines()).hasSize(2);
    assertThat(explanation.toString()).hasSizeLessThan(800).startsWith("No price for p\\u000d");
  }

  @Test
  void reason_tierWithControlCharacters_isEscaped() {
    PriceQuery query = query("m", "input=1").serviceTier("a\nb").region("c\u0007c").build();

    assertThat(CATALOG.quote(query).reason()).contains("tier 'a\\u000ab', region 'c\\u0007c'");
  }

  private static PriceQuery.Builder query(String model, String usage) {
    return PriceQuery.builder()
        .provider("p")
        .model(model + "-2026-01-31")
        .at(Instant.parse("2026-08-05T12:00:00Z"))
        .usage(TestPrices.usage(usage));
  }
}
