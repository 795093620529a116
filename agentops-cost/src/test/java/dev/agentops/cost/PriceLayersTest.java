package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.agentops.Usage;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceLayersTest {

  private static final Instant AT = Instant.parse("2026-08-05T12:00:00Z");

  private final PriceCatalog base = TestPrices.catalog();

  @Test
  void layered_modelOfSeveralLayers_hasThePriceOfTheFirst() {
    PriceCatalog own =
        TestPrices.providers(
            """
            {"id": "acme", "models": [{"id": "acme-plain", "prices": [{"from": "2026-08-10", "rates": {"input": 9}}]}]}
            """);

    PriceCatalog layered = PriceCatalog.layered(List.of(own, base));

    assertThat(price(layered, "acme", "acme-long")).isEqualTo("2");
    assertThat(price(layered, "acme", "acme-plain"))
        .as("known to the first layer, which has no price for the day")
        .isEqualTo("unpriced");
    assertThat(layered.version()).isEqualTo(own.version() + " over " + base.version());
  }

  @Test
  void layered_unknownModel_suggestsFromAllLayers() {
    PriceCatalog own =
        TestPrices.providers(
            "{\"id\":\"acme\",\"models\":[{\"id\":\"acme-plait\",\"prices\":[{\"rates\":{\"input\":9}}]}]}");

    PriceCatalog layered = PriceCatalog.layered(List.of(own, base));

    assertThat(layered.nearest("acme", "acme-plaiz")).startsWith("acme-plain", "acme-plait");
  }

  @ParameterizedTest
  @CsvSource({
    "acme, acme-plain, 0.5",
    "acme.ai, ACME-PLAIN, 0.5", // other names of the provider
    ", acme-plain, 0.5",
    "acme, plain, 0.5", // the id of the entry
    "acme, acme-plain-2026-05-13, 0.5", // a date that the base finds there
    "acme, acme-full-v2, 4",
    "acme, acme-full-v3, 0.7", // just this name of the entry
    "host, acme-long, 2", // another provider's own price is none of this one's
    "acme, brand-new, 0.1",
    "acme, brand-new-2026-05-13, 0.1",
    "elsewhere, brand-new, 0.2",
    "acme, nothing, unpriced",
  })
  void overrides_namesOfAModel_haveTheOwnPrice(String provider, String model, String micros) {
    PriceCatalog catalog =
        base.overrides(
            List.of(
                own("acme", "plain", "0.5").build(),
                own("acme", "acme-full-v3", "0.7").build(),
                own("acme.ai", "long", "0.9").build(),
                own("acme", "brand-new", "0.1").build(),
                own("elsewhere", "brand-new", "0.2").build()));

    assertThat(price(catalog, provider, model)).isEqualTo(micros);
    assertThat(price(base, "acme", "acme-plain")).isEqualTo("1");
  }

  @Test
  void overrides_severalOfAModel_areItsRules() {
    PriceCatalog catalog =
        base.overrides(
            List.of(
                own("acme", "plain", "1").build(),
                own("acme", "plain", "2").serviceTier("batch").build(),
                own("acme", "plain", "3").serviceTier("batch").inputAbove(10).build(),
                own("acme", "plain", "4").region("eu").build(),
                own("acme", "plain", "5").speed("fast").build(),
                own("acme", "plain", "6").from(AT.plusSeconds(1)).build()));

    assertThat(micros(catalog, query("acme", "plain"))).isEqualTo("1");
    assertThat(micros(catalog, query("acme", "plain").serviceTier("batch"))).isEqualTo("2");
    assertThat(micros(catalog, query("acme", "plain").serviceTier("batch").usage(Usage.of(11, 0))))
        .isEqualTo("33");
    assertThat(micros(catalog, query("acme", "plain").region("EU"))).isEqualTo("4");
    assertThat(micros(catalog, query("acme", "plain").speed("fast"))).isEqualTo("5");
    assertThat(micros(catalog, query("acme", "plain").at(AT.plusSeconds(1)))).isEqualTo("6");
    assertThat(micros(catalog, query("acme", "plain").serviceTier("flex"))).isEqualTo("unpriced");
  }

  @Test
  void overrides_kindWithoutARate_isUnpriced() {
    PriceCatalog catalog = base.overrides(List.of(own("acme", "plain", "1").build()));

    PriceQuote quote = catalog.quote(query("acme", "plain").usage(Usage.of(1, 1)).build());

    assertThat(quote.status()).isEqualTo(PriceQuote.Status.NO_RATE);
    assertThat(quote.reason()).contains("output tokens");
  }

  @Test
  void overrides_units_areCharged() {
    PriceCatalog catalog =
        base.overrides(List.of(own("acme", "plain", "1").unit("pages", "2", 1000).build()));

    assertThat(micros(catalog, query("acme", "plain").usage(TestPrices.usage("input=1 pages=1"))))
        .isEqualTo("2001");
  }

  @ParameterizedTest
  @CsvSource({
    "acme, acme-plain, 0.85",
    "my-acme-gateway, acme-plain, 0.85",
    "host, acme-long, 2", // acme lists it, but host is paid
    "host, acme-plain, 7",
  })
  void discounted_provider_asksAPart(String provider, String model, String micros) {
    PriceCatalog catalog = base.discounted("acme.ai", new BigDecimal("0.85"));

    assertThat(price(catalog, provider, model)).isEqualTo(micros);
  }

  @Test
  void discounted_twiceAndWithFees_isExact() {
    PriceCatalog catalog =
        base.discounted("acme", new BigDecimal("0.9")).discounted("acme", new BigDecimal("0.333"));

    PriceQuery.Builder query =
        query("acme", "acme-full-v2").usage(TestPrices.usage("input=1 web_searches=1"));

    assertThat(micros(catalog, query)).isEqualTo("2998.1988"); // 10,004 x 0.2997
    assertThat(catalog.explain(query.build()).components())
        .extracting(component -> component.amount().usd().movePointRight(6).stripTrailingZeros())
        .containsExactly(new BigDecimal("1.1988"), new BigDecimal("2997"));
  }

  @Test
  void discounted_ownPriceOnTop_isNotDiscounted() {
    PriceCatalog catalog =
        base.discounted("acme", new BigDecimal("0.5"))
            .overrides(List.of(own("acme", "plain", "3").build()));

    assertThat(price(catalog, "acme", "acme-plain")).isEqualTo("3");
    assertThat(price(catalog, "acme", "acme-long")).isEqualTo("1");
  }

  @Test
  void version_layersAndContents_areNamed() {
    PriceCatalog one = base.overrides(List.of(own("acme", "plain", "1").build()));
    PriceCatalog same = base.overrides(List.of(own("acme", "plain", "1").build()));
    PriceCatalog other = base.overrides(List.of(own("acme", "plain", "2").build()));
    PriceCatalog later = base.overrides(List.of(own("acme", "plain", "1").from(AT).build()));

    assertThat(one.version()).endsWith(" over " + base.version()).isEqualTo(same.version());
    assertThat(List.of(one.version(), other.version(), later.version())).doesNotHaveDuplicates();
    assertThat(base.discounted("acme", new BigDecimal("0.850")).version())
        .isEqualTo("acme x 0.85 over " + base.version());
    assertThat(TestPrices.models("").version())
        .matches("v #[0-9a-f]{12}")
        .isNotEqualTo(TestPrices.models(" ").version());
  }

  @Test
  void catalog_asASource_isItself() {
    PriceSource source = base;

    assertThat(source.catalog()).isSameAs(base);
  }

  @Test
  void layers_badValues_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> PriceCatalog.layered(List.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> base.overrides(List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> base.discounted("acme", BigDecimal.ZERO))
        .withMessageContaining("0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> base.discounted("acme", new BigDecimal("85")))
        .withMessageContaining("85");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> base.discounted("nobody", BigDecimal.ONE))
        .withMessageContaining("nobody");
  }

  @Test
  void override_badValues_areRefused() {
    ModelPriceOverride.Builder own = ModelPriceOverride.builder();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> own.rate(TokenKind.INPUT, "-1"))
        .withMessageContaining("input")
        .withMessageContaining("-1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> own.rate(TokenKind.INPUT, "1,5"))
        .withMessageContaining("1,5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> own.rate(TokenKind.INPUT, "1e999999999"))
        .withMessageContaining("1e999999999");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> base.discounted("acme", new BigDecimal("1e-999999999")))
        .withMessageContaining("1E-999999999");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> own.unit("pages", "1", 0))
        .withMessageContaining("pages");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> own.inputAbove(-5))
        .withMessageContaining("-5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> own.provider("p").model("m").build())
        .withMessageContaining("p/m");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> own.rate(TokenKind.INPUT, "1").from(AT).until(AT).build())
        .withMessageContaining(AT.toString());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> own("acme", " ", "1").build())
        .withMessageContaining("acme");
  }

  private static ModelPriceOverride.Builder own(String provider, String model, String usd) {
    return ModelPriceOverride.builder().provider(provider).model(model).rate(TokenKind.INPUT, usd);
  }

  private static String price(PriceCatalog catalog, String provider, String model) {
    return micros(catalog, query(provider, model));
  }

  /** One token of input. */
  private static PriceQuery.Builder query(String provider, String model) {
    return PriceQuery.builder().provider(provider).model(model).at(AT).usage(Usage.of(1, 0));
  }

  private static String micros(PriceCatalog catalog, PriceQuery.Builder query) {
    return catalog
        .cost(query.build())
        .map(cost -> cost.usd().movePointRight(6).stripTrailingZeros().toPlainString())
        .orElse("unpriced");
  }
}
