package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.Cost;
import dev.agentops.Usage;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rule language against an interpreter that is as plain as can be. */
class PriceRuleRandomTest {

  private static final List<String> ZONES =
      List.of("UTC", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Asia/Beirut");
  private static final List<String> TIERS = List.of("standard", "batch", "flex");
  private static final List<String> REGIONS = List.of("us", "eu");
  private static final List<String> SPEEDS = List.of("standard", "fast");
  private static final List<String> DAYS = List.of("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN");
  private static final LocalDate FIRST = LocalDate.parse("2024-02-20");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void cost_randomRules_isThatOfThePlainInterpreter(long seed) {
    Random random = new Random(seed);
    int priced = 0;
    for (int i = 0; i < 300; i++) {
      List<Rule> rules = rules(random);
      PriceCatalog catalog =
          TestPrices.models(
              rules.stream()
                  .map(Rule::json)
                  .collect(Collectors.joining(",", "{\"id\":\"m\",\"prices\":[", "]}")));
      for (int j = 0; j < 20; j++) {
        PriceQuery query = query(random);
        Optional<Cost> expected = interpret(rules, query).map(Cost::usd);

        assertThat(catalog.cost(query))
            .as(() -> rules.stream().map(Rule::json).toList() + " for " + query)
            .isEqualTo(expected);
        assertThat(catalog.quote(query).cost()).isEqualTo(expected);
        priced += expected.isPresent() ? 1 : 0;
      }
    }
    assertThat(priced).isBetween(1_000, 5_000);
  }

  private static List<Rule> rules(Random random) {
    List<Rule> rules = new ArrayList<>();
    int count = 1 + random.nextInt(6);
    for (int i = 0; i < count; i++) {
      boolean rates = i == 0 || random.nextInt(3) > 0;
      rules.add(Rule.random(random, rates, rates && i > 0 && random.nextInt(3) == 0));
    }
    return rules;
  }

  private static PriceQuery query(Random random) {
    long input = random.nextInt(40);
    long cached = random.nextInt((int) input + 1);
    return PriceQuery.builder()
        .provider("p")
        .model("m")
        .at(moment(random))
        .serviceTier(pick(random, TIERS))
        .region(pick(random, REGIONS))
        .speed(pick(random, SPEEDS))
        .usage(
            Usage.builder()
                .inputTokens(input)
                .cacheReadTokens(cached)
                .outputTokens(random.nextInt(40))
                .build())
        .build();
  }

  /** Often on the hour, where conditions begin and end. */
  private static Instant moment(Random random) {
    ZonedDateTime hour =
        FIRST.plusDays(random.nextInt(30)).atStartOfDay(ZoneId.of(ZONES.get(random.nextInt(5))));
    return hour.plusMinutes(30L * random.nextInt(60))
        .plusSeconds(random.nextInt(3) - 1L)
        .toInstant();
  }

  private static @Nullable String pick(Random random, List<String> words) {
    return random.nextInt(3) == 0 ? null : words.get(random.nextInt(words.size()));
  }

  private static Optional<BigDecimal> interpret(List<Rule> rules, PriceQuery query) {
    BigDecimal factor = BigDecimal.ONE;
    List<Rule> holding = new ArrayList<>();
    for (Rule rule : rules) {
      if (rule.holds(query)) {
        holding.add(rule);
        factor = rule.factor == null ? factor : factor.multiply(rule.factor);
      }
    }
    holding.removeIf(rule -> rule.factor != null);
    boolean told = false; // a rate for cached input, in one of the rules that apply
    for (int i = holding.size() - 1, below = 0; i >= 0 && below == 0; i--) {
      told |= holding.get(i).rates.get(1) != null;
      below = holding.get(i).marginal ? 0 : 1;
    }
    long cached = told ? query.usage().cacheReadTokens() : 0;
    Optional<BigDecimal> input = tokens(holding, query.usage().inputTokens() - cached, 0);
    Optional<BigDecimal> read = tokens(holding, cached, 1);
    Optional<BigDecimal> output = tokens(holding, query.usage().outputTokens(), 2);
    if (holding.stream().allMatch(rule -> rule.marginal)
        || input.isEmpty()
        || read.isEmpty()
        || output.isEmpty()) {
      return Optional.empty();
    }
    BigDecimal sum = input.get().add(read.get()).add(output.get());
    return Optional.of(sum.multiply(factor).movePointLeft(6));
  }

  /** Prices one token after the other; empty where a token has no price. */
  private static Optional<BigDecimal> tokens(List<Rule> holding, long count, int kind) {
    BigDecimal sum = BigDecimal.ZERO;
    for (long token = 1; token <= count; token++) {
      BigDecimal rate = null;
      boolean found = false;
      for (int i = holding.size() - 1; i >= 0 && !found; i--) {
        Rule rule = holding.get(i);
        if (!rule.marginal || token > rule.inputAbove) {
          boolean unlisted = kind == 1 && rule.rates.get(1) == null;
          rate = rule.rates.get(unlisted ? 0 : kind);
          found = true;
        }
      }
      if (rate == null) {
        return Optional.empty();
      }
      sum = sum.add(rate);
    }
    return Optional.of(sum);
  }

  /** A rule as a test thinks of it. */
  private static final class Rule {

    private String zone = "UTC";
    private @Nullable LocalDate from;
    private @Nullable LocalDate until;
    private @Nullable LocalTime start;
    private @Nullable LocalTime end;
    private final List<String> days = new ArrayList<>();
    private long inputAbove = -1;
    private boolean marginal;
    private @Nullable List<String> tiers;
    private @Nullable List<String> regions;
    private @Nullable List<String> speeds;
    private @Nullable BigDecimal factor;

    /** Of input, cached input and output; null where there is none. */
    private final List<@Nullable BigDecimal> rates = new ArrayList<>();

    static Rule random(Random random, boolean rated, boolean marginal) {
      Rule rule = new Rule();
      rule.zone = ZONES.get(random.nextInt(ZONES.size()));
      if (random.nextInt(4) == 0) {
        rule.from = FIRST.plusDays(random.nextInt(20));
      }
      if (random.nextInt(4) == 0) {
        LocalDate start = rule.from == null ? FIRST : rule.from;
        rule.until = start.plusDays(1 + random.nextInt(20));
      }
      if (random.nextInt(4) == 0) {
        rule.start = LocalTime.of(random.nextInt(24), 30 * random.nextInt(2));
        rule.end = rule.start.plusMinutes(30 * (1 + random.nextInt(46)));
      }
      if (random.nextInt(4) == 0) {
        DAYS.stream().filter(day -> random.nextBoolean()).forEach(rule.days::add);
      }
      rule.marginal = marginal;
      if (marginal || random.nextInt(4) == 0) {
        rule.inputAbove = random.nextInt(30);
      }
      rule.tiers = words(random, TIERS, rule.marginal ? 2 : 4);
      rule.regions = words(random, REGIONS, 6);
      rule.speeds = words(random, SPEEDS, 4);
      if (rated) {
        for (int i = 0; i < 3; i++) {
          boolean missing = random.nextInt(12) == 0;
          rule.rates.add(missing ? null : BigDecimal.valueOf(random.nextInt(10_000), 3));
        }
      } else {
        rule.factor = BigDecimal.valueOf(random.nextInt(300), 2);
      }
      return rule;
    }

    private static @Nullable List<String> words(Random random, List<String> from, int seldom) {
      if (random.nextInt(seldom) > 0) {
        return null;
      }
      return random.nextInt(3) == 0 ? List.of("*") : from.subList(0, 1 + random.nextInt(2));
    }

    boolean holds(PriceQuery query) {
      ZonedDateTime there = query.at().atZone(ZoneId.of(zone));
      LocalTime time = there.toLocalTime();
      String day = there.getDayOfWeek().name().substring(0, 3);
      boolean inHours =
          start == null
              || (start.isBefore(end)
                  ? !time.isBefore(start) && time.isBefore(end)
                  : !time.isBefore(start) || time.isBefore(end));
      return (from == null || !there.toLocalDate().isBefore(from))
          && (until == null || there.toLocalDate().isBefore(until))
          && inHours
          && (days.isEmpty() || days.contains(day))
          && (marginal || query.usage().inputTokens() > inputAbove)
          && isOneOf(tiers, query.serviceTier(), "standard")
          && (regions == null || isOneOf(regions, query.region(), "none"))
          && isOneOf(speeds, query.speed(), "standard");
    }

    private static boolean isOneOf(
        @Nullable List<String> words, @Nullable String asked, String missing) {
      String word = asked == null ? missing : asked;
      return words == null ? word.equals(missing) : words.contains("*") || words.contains(word);
    }

    String json() {
      List<String> fields = new ArrayList<>();
      fields.add("\"zone\":\"" + zone + '"');
      if (from != null) {
        fields.add("\"from\":\"" + from + '"');
      }
      if (until != null) {
        fields.add("\"until\":\"" + until + '"');
      }
      if (start != null) {
        fields.add("\"between\":\"" + start + '-' + end + '"');
      }
      if (!days.isEmpty()) {
        fields.add("\"days\":" + list(days));
      }
      if (inputAbove >= 0) {
        fields.add("\"inputAbove\":" + inputAbove);
      }
      if (marginal) {
        fields.add("\"marginal\":true");
      }
      if (tiers != null) {
        fields.add("\"tier\":" + list(tiers));
      }
      if (regions != null) {
        fields.add("\"region\":" + list(regions).toUpperCase(Locale.ROOT));
      }
      if (speeds != null) {
        fields.add("\"speed\":" + (speeds.size() == 1 ? '"' + speeds.get(0) + '"' : list(speeds)));
      }
      fields.add(factor != null ? "\"factor\":" + factor : "\"rates\":" + ratesJson());
      return "{" + String.join(",", fields) + "}";
    }

    private String ratesJson() {
      List<String> names = List.of("input", "cacheRead", "output");
      List<String> fields = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        if (rates.get(i) != null) {
          fields.add('"' + names.get(i) + "\":" + rates.get(i));
        }
      }
      return "{" + String.join(",", fields) + "}";
    }

    private static String list(List<String> words) {
      return words.stream().collect(Collectors.joining("\",\"", "[\"", "\"]"));
    }
  }
}
