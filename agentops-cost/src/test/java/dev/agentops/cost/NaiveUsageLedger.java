package dev.agentops.cost;

import dev.agentops.Cost;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * What a ledger means, in the plainest way: a list of records that each query goes through. Crosses
 * {@code team} with the model.
 */
final class NaiveUsageLedger implements UsageLedger {

  private final ZoneId zone;
  private final Map<String, UsageRecord> records = new LinkedHashMap<>();

  NaiveUsageLedger(ZoneId zone) {
    this.zone = zone;
  }

  @Override
  public ZoneId zone() {
    return zone;
  }

  @Override
  public boolean add(UsageRecord record) {
    return records.putIfAbsent(record.id(), record) == null;
  }

  @Override
  public boolean replace(UsageRecord record) {
    return records.replace(record.id(), record) != null;
  }

  @Override
  public CostStatistics totals(UsageQuery query) {
    return sum(chosen(query));
  }

  @Override
  public Map<String, CostStatistics> totalsBy(String dimension, UsageQuery query) {
    Map<String, List<UsageRecord>> groups = new TreeMap<>();
    for (UsageRecord record : chosen(query)) {
      for (String value : values(record, dimension)) {
        groups.computeIfAbsent(value, name -> new ArrayList<>()).add(record);
      }
    }
    return sums(groups);
  }

  @Override
  public NavigableMap<LocalDate, CostStatistics> days(UsageQuery query) {
    return grouped(chosen(query), this::day);
  }

  @Override
  public NavigableMap<Instant, CostStatistics> hours(Instant from, Instant until) {
    Instant first = hour(from);
    return grouped(
        records.values().stream()
            .filter(record -> !hour(record.timestamp()).isBefore(first))
            .filter(record -> hour(record.timestamp()).isBefore(until))
            .toList(),
        record -> hour(record.timestamp()));
  }

  @Override
  public void records(Instant from, Instant until, Consumer<UsageRecord> action) {
    records.values().stream()
        .filter(record -> !record.timestamp().isBefore(from) && record.timestamp().isBefore(until))
        .sorted(Comparator.comparing(UsageRecord::timestamp))
        .toList()
        .forEach(action);
  }

  @Override
  public long removedRecords() {
    return 0;
  }

  @Override
  public long lostRecords() {
    return 0;
  }

  @Override
  public void close() {}

  private List<UsageRecord> chosen(UsageQuery query) {
    return records.values().stream()
        .filter(record -> query.from().isEmpty() || !day(record).isBefore(query.from().get()))
        .filter(record -> query.until().isEmpty() || day(record).isBefore(query.until().get()))
        .filter(
            record ->
                query.dimension().isEmpty()
                    || values(record, query.dimension().get()).contains(query.value().get()))
        .toList();
  }

  private static Set<String> values(UsageRecord record, String dimension) {
    if (dimension.equals(UsageLedger.crossed("team", MODEL))) {
      Set<String> pairs = new HashSet<>();
      if (!record.isTask()) {
        values(record, "team").forEach(team -> pairs.add(team + " x " + record.model()));
      }
      return pairs;
    }
    return switch (dimension) {
      case MODEL -> record.isTask() ? Set.of() : Set.of(record.model());
      case PROVIDER -> record.isTask() ? Set.of() : Set.of(record.provider());
      case OPERATION -> Set.of(record.operation());
      default -> {
        Object value = record.attributes().get(dimension);
        Set<String> values = new HashSet<>();
        if (value instanceof List<?> elements) {
          elements.forEach(element -> values.add(element.toString()));
        } else if (value != null) {
          values.add(value.toString());
        }
        yield values;
      }
    };
  }

  private LocalDate day(UsageRecord record) {
    return LocalDate.ofInstant(record.timestamp(), zone);
  }

  private Instant hour(Instant moment) {
    return moment.atZone(zone).truncatedTo(ChronoUnit.HOURS).toInstant();
  }

  private static <K extends Comparable<? super K>> NavigableMap<K, CostStatistics> grouped(
      List<UsageRecord> records, Function<UsageRecord, K> key) {
    Map<K, List<UsageRecord>> groups = new TreeMap<>();
    records.forEach(
        record -> groups.computeIfAbsent(key.apply(record), k -> new ArrayList<>()).add(record));
    return sums(groups);
  }

  private static <K extends Comparable<? super K>> NavigableMap<K, CostStatistics> sums(
      Map<K, List<UsageRecord>> groups) {
    NavigableMap<K, CostStatistics> sums = new TreeMap<>();
    groups.forEach((key, records) -> sums.put(key, sum(records)));
    return sums;
  }

  private static CostStatistics sum(List<UsageRecord> records) {
    List<UsageRecord> tasks = records.stream().filter(UsageRecord::isTask).toList();
    List<UsageRecord> hits = records.stream().filter(r -> !r.isTask() && r.isCacheHit()).toList();
    List<UsageRecord> calls = records.stream().filter(r -> !r.isTask() && !r.isCacheHit()).toList();
    List<UsageRecord> priced = calls.stream().filter(r -> r.cost().isPresent()).toList();
    List<UsageRecord> reported =
        calls.stream()
            .filter(r -> r.reportedCost().isPresent() && r.calculatedCost().isPresent())
            .toList();
    return CostStatistics.builder()
        .totalRequests(calls.size())
        .unpricedRequests(calls.size() - priced.size())
        .estimatedRequests(calls.stream().filter(UsageRecord::estimated).count())
        .totalInputTokens(tokens(calls, r -> r.usage().inputTokens()))
        .totalOutputTokens(tokens(calls, r -> r.usage().outputTokens()))
        .cacheReadTokens(tokens(calls, r -> r.usage().cacheReadTokens()))
        .cacheWriteTokens(tokens(calls, r -> r.usage().cacheWriteTokens()))
        .reasoningTokens(tokens(calls, r -> r.usage().reasoningTokens()))
        .totalCost(money(priced, UsageRecord::cost))
        .lowestCost(money(priced, r -> r.lowestCost().or(r::cost)))
        .highestCost(money(priced, r -> r.highestCost().or(r::cost)))
        .reportedCost(money(reported, UsageRecord::reportedCost))
        .calculatedCost(money(reported, UsageRecord::calculatedCost))
        .cacheHits(hits.size())
        .savedCost(money(hits, r -> Optional.of(r.savedCost())))
        .tasks(tasks.size())
        .succeededTasks(tasks.stream().filter(UsageRecord::succeeded).count())
        .build();
  }

  private static long tokens(List<UsageRecord> records, ToLongFunction<UsageRecord> part) {
    return records.stream().mapToLong(part).sum();
  }

  private static Cost money(List<UsageRecord> records, Function<UsageRecord, Optional<Cost>> part) {
    return Cost.usd(
        records.stream()
            .map(record -> part.apply(record).orElseThrow().usd())
            .reduce(BigDecimal.ZERO, BigDecimal::add));
  }
}
