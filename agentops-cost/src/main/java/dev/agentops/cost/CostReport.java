package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was spent, on what, by whom, and what is not known of it, of one moment of a ledger. As text
 * for a terminal, as CSV and as JSON. Immutable, hence thread-safe.
 *
 * <pre>{@code
 * CostReport report = CostReport.builder(costs.ledger(), UsageQuery.month(YearMonth.of(2026, 11)))
 *     .by("team").by(UsageLedger.MODEL).top(10)
 *     .forecast(costs.today())
 *     .build();
 * System.out.println(report.toText());
 * }</pre>
 *
 * <p>The days and {@link #earlier()} add up to the totals, and so do the lines of each dimension,
 * of which {@value #NONE} is what has no value in it. Only the lines of an attribute that is a
 * list, such as {@link Attributes#TAGS}, can add up to more, since a call counts once for each
 * element; tags have no {@value #NONE} therefore, nor has another dimension where it would be less
 * than nothing, and that of other lists is less than it was by what counts more than once.
 */
public final class CostReport {

  /** The line {@value} of what has no value in a dimension. */
  public static final String NONE = "(none)";

  /** {@value} lines of each dimension. */
  public static final int DEFAULT_TOP = 10;

  private static final int TRIES = 3;

  private final UsageQuery query;
  private final ZoneId zone;
  private final CostStatistics totals;
  private final NavigableMap<LocalDate, CostStatistics> days;
  private final CostStatistics earlier;
  private final List<String> notes = new ArrayList<>();
  private final Map<String, Map<String, CostStatistics>> dimensions;
  private final Map<String, CostStatistics> unpricedModels;
  private final @Nullable CostForecast forecast;
  private final List<BudgetLine> budgets;

  private CostReport(Builder from, CostStatistics totals) {
    query = from.query;
    zone = from.ledger.zone();
    this.totals = totals;
    days = Collections.unmodifiableNavigableMap(from.ledger.days(query));
    earlier =
        totals.minus(days.values().stream().reduce(CostStatistics.NONE, CostStatistics::plus));
    Map<String, Map<String, CostStatistics>> dimensions = new LinkedHashMap<>();
    Set<String> missing = new LinkedHashSet<>();
    for (String dimension : from.dimensions) {
      DimensionValues values = DimensionValues.of(from.ledger, query, totals, dimension);
      if (values == null) {
        missing.add(dimension);
      } else {
        dimensions.put(dimension, lines(values, from.top));
      }
    }
    this.dimensions = Collections.unmodifiableMap(dimensions);
    DimensionValues models =
        totals.unpricedRequests() == 0
            ? null
            : DimensionValues.of(from.ledger, query, totals, UsageLedger.MODEL);
    if (models == null && totals.unpricedRequests() > 0) {
      missing.add(UsageLedger.MODEL);
    }
    unpricedModels = models == null ? Map.of() : unpriced(models.totals());
    query
        .dimension()
        .ifPresent(own -> missing.forEach(dimension -> notes.add(note(own, dimension))));
    forecast =
        from.today == null ? null : CostForecast.of(from.ledger, query, from.today).orElse(null);
    budgets = List.copyOf(from.budgets);
  }

  /** A report of some records by model, provider and agent. */
  public static CostReport of(UsageLedger ledger, UsageQuery query) {
    return builder(ledger, query)
        .by(UsageLedger.MODEL)
        .by(UsageLedger.PROVIDER)
        .by(Attributes.AGENT_NAME)
        .build();
  }

  /**
   * Begins a report.
   *
   * @param query which records count; where it has a dimension of its own, the report can be split
   *     by those dimensions that the ledger {@linkplain UsageLedger#crossed crosses} with it
   */
  public static Builder builder(UsageLedger ledger, UsageQuery query) {
    return new Builder(ledger, query);
  }

  /** Which records count. */
  public UsageQuery query() {
    return query;
  }

  /** The zone in which its days begin. */
  public ZoneId zone() {
    return zone;
  }

  public CostStatistics totals() {
    return totals;
  }

  /** The totals of each day that has records and that the ledger still tells apart. */
  public NavigableMap<LocalDate, CostStatistics> days() {
    return days;
  }

  /**
   * The totals of days that the ledger tells by their months only; {@link CostStatistics#NONE} for
   * a ledger that keeps all days.
   */
  public CostStatistics earlier() {
    return earlier;
  }

  /**
   * The lines of each dimension that the ledger can tell for the query, the dearest first, then
   * what has no line of its own under {@link UsageLedger#OVERFLOW}, then {@link #NONE}.
   */
  public Map<String, Map<String, CostStatistics>> dimensions() {
    return dimensions;
  }

  /**
   * The models that have calls without a price, those with the most first; empty, too, where the
   * query has a dimension that the ledger does not cross with {@link UsageLedger#MODEL}.
   */
  public Map<String, CostStatistics> unpricedModels() {
    return unpricedModels;
  }

  /** What the current month will cost; empty where it was not asked for or cannot be told. */
  public Optional<CostForecast> forecast() {
    return Optional.ofNullable(forecast);
  }

  /** Aligned text, at most 100 characters wide. */
  public String toText() {
    return toText(100);
  }

  /**
   * Aligned text. Amounts are rounded, half even, to six decimals; names are cut to fit, and lose
   * what could steer a terminal.
   *
   * @param width how many characters a line has at most, from 60 on
   * @throws IllegalArgumentException if it is less
   */
  public String toText(int width) {
    return new CostReportText(this, width).text();
  }

  /**
   * A line for the totals, each day, each line of a dimension ({@code by:} and its name), each
   * model without a price, the forecast and each budget, as RFC 4180 wants it, with exact amounts
   * of dollars. What requests cost of which none has a price is empty. Text that a spreadsheet
   * would take for a formula begins with an apostrophe.
   */
  public String toCsv() {
    return CostReportCsv.of(this);
  }

  /**
   * A JSON object with exact amounts of dollars, as texts, and null for what requests cost of which
   * none has a price.
   */
  public String toJson() {
    return CostReportJson.of(this);
  }

  /** The text. */
  @Override
  public String toString() {
    return toText();
  }

  List<BudgetLine> budgets() {
    return budgets;
  }

  /** What the report lacks, and what to do about it. */
  List<String> notes() {
    return Collections.unmodifiableList(notes);
  }

  private static String note(String own, String missing) {
    return "not told: build the ledger with cross(" + own + ", " + missing + ')';
  }

  private Map<String, CostStatistics> lines(DimensionValues from, int top) {
    Map<String, CostStatistics> values = from.totals();
    Map<String, CostStatistics> lines = new LinkedHashMap<>();
    values.entrySet().stream()
        .filter(value -> !value.getKey().equals(UsageLedger.OVERFLOW))
        .sorted(
            Map.Entry.<String, CostStatistics>comparingByValue(
                    Comparator.comparing(CostStatistics::totalCost)
                        .thenComparing(CostStatistics::totalRequests)
                        .reversed())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(top)
        .forEach(value -> lines.put(value.getKey(), value.getValue()));
    CostStatistics told = sum(lines);
    CostStatistics all = sum(values);
    addLine(lines, UsageLedger.OVERFLOW, all.minus(told));
    CostStatistics rest = totals.minus(all);
    if (rest.isWhole()) {
      from.nameOf(rest).ifPresent(name -> addLine(lines, name, rest));
    }
    return Collections.unmodifiableMap(lines);
  }

  private static void addLine(
      Map<String, CostStatistics> lines, String name, CostStatistics total) {
    if (!total.equals(CostStatistics.NONE)) {
      lines.merge(name, total, CostStatistics::plus);
    }
  }

  private static CostStatistics sum(Map<String, CostStatistics> values) {
    return values.values().stream().reduce(CostStatistics.NONE, CostStatistics::plus);
  }

  private static Map<String, CostStatistics> unpriced(Map<String, CostStatistics> models) {
    Map<String, CostStatistics> unpriced = new LinkedHashMap<>();
    models.entrySet().stream()
        .filter(model -> model.getValue().unpricedRequests() > 0)
        .sorted(
            Map.Entry.<String, CostStatistics>comparingByValue(
                    Comparator.comparing(CostStatistics::unpricedRequests).reversed())
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(model -> unpriced.put(model.getKey(), model.getValue()));
    return Collections.unmodifiableMap(unpriced);
  }

  /** How a budget stands. */
  record BudgetLine(String name, Cost spent, Cost limit) {}

  /** Configures a {@link CostReport}. Not thread-safe. */
  public static final class Builder {

    private final UsageLedger ledger;
    private final UsageQuery query;
    private final Set<String> dimensions = new LinkedHashSet<>();
    private final List<BudgetLine> budgets = new ArrayList<>();
    private int top = DEFAULT_TOP;
    private @Nullable LocalDate today;

    private Builder(UsageLedger ledger, UsageQuery query) {
      this.ledger = Objects.requireNonNull(ledger, "ledger");
      this.query = Objects.requireNonNull(query, "query");
    }

    /**
     * Splits the totals by a dimension, beside others: {@link UsageLedger#MODEL}, {@link
     * UsageLedger#PROVIDER}, {@link UsageLedger#OPERATION}, an attribute, or two that the ledger
     * {@linkplain UsageLedger#crossed crosses}.
     *
     * @throws IllegalArgumentException if it is blank
     */
    public Builder by(String dimension) {
      if (dimension.isBlank()) {
        throw new IllegalArgumentException("a dimension must not be blank: '" + dimension + "'");
      }
      dimensions.add(dimension);
      return this;
    }

    /** How many values of a dimension have a line, {@value #DEFAULT_TOP} unless said. */
    public Builder top(int lines) {
      if (lines < 1) {
        throw new IllegalArgumentException("top must be at least 1: " + lines);
      }
      this.top = lines;
      return this;
    }

    /**
     * Adds a {@link CostForecast} for the month of today.
     *
     * @param today the current day in the ledger's zone
     */
    public Builder forecast(LocalDate today) {
      this.today = Objects.requireNonNull(today, "today");
      return this;
    }

    /**
     * Adds how a budget stands.
     *
     * @param name of the budget, with the key where it has several
     */
    public Builder budget(String name, Cost spent, Cost limit) {
      budgets.add(new BudgetLine(name, spent, limit));
      return this;
    }

    /**
     * Asks the ledger. While calls are being recorded it asks again, a few times, so that all parts
     * of the report belong to one moment.
     *
     * @throws LedgerException if the ledger cannot answer
     */
    public CostReport build() {
      for (int i = 1; ; i++) {
        CostReport report = new CostReport(this, ledger.totals(query));
        if (i == TRIES || ledger.totals(query).equals(report.totals)) {
          return report;
        }
      }
    }
  }
}
