package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Usage;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Records of every kind: priced and not, estimated, reported, answered by a cache, and tasks; with
 * amounts of dollars that fit no {@code long}. Their times lie in 50 days with a leap day and the
 * days on which clocks are put forward or back in Europe, America and Australia, in no order.
 */
final class RandomRecords {

  static final Instant FIRST = Instant.parse("2028-02-20T00:00:00Z");
  static final Duration SPAN = Duration.ofDays(50);

  private final Random random;
  private final String prefix;
  private int count;

  /** Records with ids that begin with a prefix. */
  RandomRecords(long seed, String prefix) {
    random = new Random(seed);
    this.prefix = prefix;
  }

  List<UsageRecord> next(int howMany) {
    List<UsageRecord> records = new ArrayList<>();
    for (int i = 0; i < howMany; i++) {
      records.add(next());
    }
    return records;
  }

  UsageRecord next() {
    UsageRecord.Builder record =
        UsageRecord.builder()
            .id(prefix + count++)
            .timestamp(time())
            .provider("provider-" + random.nextInt(3))
            .model("model-" + random.nextInt(8))
            .attributes(attributes());
    return switch (random.nextInt(10)) {
      case 0 -> record.operation(UsageRecord.TASK).succeeded(random.nextBoolean()).build();
      case 1 -> record.usage(usage()).cacheHit(true).savedCost(cost()).build();
      case 2 -> record.operation("embeddings").usage(Usage.of(random.nextInt(9_000), 0)).build();
      default -> price(record.usage(usage())).build();
    };
  }

  /** The record at another price, as after a correction. */
  UsageRecord repriced(UsageRecord record) {
    return price(
            record.toBuilder().cost(null).lowestCost(null).highestCost(null).reportedCost(null))
        .priceVersion("corrected")
        .build();
  }

  Instant time() {
    long micros = (long) (random.nextDouble() * SPAN.toSeconds()) * 1_000_000;
    return FIRST.plusNanos((micros + random.nextInt(1_000_000)) * 1_000);
  }

  private UsageRecord.Builder price(UsageRecord.Builder record) {
    Cost cost = cost();
    record.cost(cost).calculatedCost(cost).priceVersion("v1").priceRule("provider/model#1");
    return switch (random.nextInt(5)) {
      case 0 -> record.cost(null).calculatedCost(null).priceRule(null);
      case 1 -> record.lowestCost(Cost.ZERO).highestCost(cost.times(3)).estimated(true);
      case 2 -> {
        Cost reported = cost();
        yield record.cost(reported).reportedCost(reported);
      }
      default -> record;
    };
  }

  private Cost cost() {
    return switch (random.nextInt(20)) {
      case 0 -> Cost.usd("0.00000000000000012345"); // less than a pico-dollar
      case 1 -> Cost.usd(new BigDecimal("9223372.036854775807")); // the most a long holds
      case 2 -> Cost.usd(new BigDecimal("81234567890.000000000000001"));
      default -> Cost.ofPicoUsd(random.nextInt(Integer.MAX_VALUE) * 1_000L);
    };
  }

  private Usage usage() {
    long read = random.nextInt(5_000);
    long write = random.nextInt(3_000);
    long reasoning = random.nextInt(500);
    return Usage.builder()
        .inputTokens(read + write + random.nextInt(10_000))
        .cacheReadTokens(read)
        .cacheWriteTokens(write)
        .outputTokens(reasoning + random.nextInt(2_000))
        .reasoningTokens(reasoning)
        .units("web_searches", BigDecimal.valueOf(random.nextInt(2)))
        .build();
  }

  private Attributes attributes() {
    Attributes.Builder attributes = Attributes.builder();
    if (random.nextInt(4) > 0) {
      attributes.put("team", "team-" + random.nextInt(6));
    }
    if (random.nextInt(3) == 0) {
      List<String> tags = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        tags.add("tag-" + random.nextInt(5));
      }
      attributes.put(Attributes.TAGS, tags);
    }
    if (random.nextBoolean()) {
      attributes.put("attempt", random.nextInt(3)).put("paid", random.nextBoolean());
    }
    return attributes.build();
  }
}
