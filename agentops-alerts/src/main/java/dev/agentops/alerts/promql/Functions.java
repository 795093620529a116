package dev.agentops.alerts.promql;

import static dev.agentops.alerts.promql.ValueType.RANGE;
import static dev.agentops.alerts.promql.ValueType.SCALAR;
import static dev.agentops.alerts.promql.ValueType.STRING;
import static dev.agentops.alerts.promql.ValueType.VECTOR;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** The functions of the language by their names. */
final class Functions {

  private static final Map<String, Function> ALL = new HashMap<>();

  static {
    overTime("rate", window -> RangeFunctions.extrapolated(window, true, true));
    overTime("increase", window -> RangeFunctions.extrapolated(window, true, false));
    overTime("delta", window -> RangeFunctions.extrapolated(window, false, false));
    overTime("irate", window -> RangeFunctions.lastStep(window, true));
    overTime("idelta", window -> RangeFunctions.lastStep(window, false));
    overTime("deriv", RangeFunctions::slope);
    overTime("changes", RangeFunctions::changes);
    overTime("resets", RangeFunctions::resets);
    overTime("avg_over_time", in -> Statistics.mean(in.window().copyOfValues()));
    overTime("min_over_time", in -> Statistics.min(in.window().copyOfValues()));
    overTime("max_over_time", in -> Statistics.max(in.window().copyOfValues()));
    overTime("sum_over_time", in -> Statistics.sum(in.window().copyOfValues()));
    overTime("count_over_time", in -> (double) in.window().size());
    overTime("stdvar_over_time", in -> Statistics.variance(in.window().copyOfValues()));
    overTime("stddev_over_time", in -> Math.sqrt(Statistics.variance(in.window().copyOfValues())));
    overTime("present_over_time", in -> 1.0);
    overTime("last_over_time", in -> in.window().lastValue());
    add("quantile_over_time", VECTOR, 0, RangeFunctions::quantile, SCALAR, RANGE);
    add("predict_linear", VECTOR, 0, RangeFunctions::predictLinear, RANGE, SCALAR);
    add("absent_over_time", VECTOR, 0, RangeFunctions::absent, RANGE);

    each("abs", Math::abs);
    each("ceil", Math::ceil);
    each("floor", Math::floor);
    each("exp", Math::exp);
    each("ln", Math::log);
    each("log2", InstantFunctions::log2);
    each("log10", InstantFunctions::log10);
    each("sqrt", Math::sqrt);
    each("sgn", InstantFunctions::sign);
    add("round", VECTOR, 1, InstantFunctions::round, VECTOR, SCALAR);
    add("clamp", VECTOR, 0, InstantFunctions::clamp, VECTOR, SCALAR, SCALAR);
    add("clamp_min", VECTOR, 0, InstantFunctions::clampMin, VECTOR, SCALAR);
    add("clamp_max", VECTOR, 0, InstantFunctions::clampMax, VECTOR, SCALAR);
    add("absent", VECTOR, 0, InstantFunctions::absent, VECTOR);
    add("scalar", SCALAR, 0, InstantFunctions::scalar, VECTOR);
    add("vector", VECTOR, 0, InstantFunctions::vector, SCALAR);
    add("time", SCALAR, 0, InstantFunctions::time);
    add("timestamp", VECTOR, 0, InstantFunctions::timestamp, VECTOR);
    add("sort", VECTOR, 0, (e, in) -> InstantFunctions.sort(e, in, Order.ASCENDING), VECTOR);
    add("sort_desc", VECTOR, 0, (e, in) -> InstantFunctions.sort(e, in, Order.DESCENDING), VECTOR);
    add("histogram_quantile", VECTOR, 0, HistogramQuantile::apply, SCALAR, VECTOR);

    add(
        "label_replace",
        VECTOR,
        0,
        LabelFunctions::replace,
        VECTOR,
        STRING,
        STRING,
        STRING,
        STRING);
    add("label_join", VECTOR, -1, LabelFunctions::join, VECTOR, STRING, STRING, STRING);

    ofDate("minute", date -> date.getMinute());
    ofDate("hour", date -> date.getHour());
    ofDate("day_of_week", date -> date.getDayOfWeek().getValue() % 7);
    ofDate("day_of_month", date -> date.getDayOfMonth());
    ofDate("day_of_year", date -> date.getDayOfYear());
    ofDate("days_in_month", date -> date.toLocalDate().lengthOfMonth());
    ofDate("month", date -> date.getMonthValue());
    ofDate("year", date -> date.getYear());
  }

  private Functions() {}

  /** The function of a name; null if there is none. */
  static @Nullable Function find(String name) {
    return ALL.get(name);
  }

  private static void overTime(String name, RangeFunctions.OfWindow body) {
    boolean keepsName = name.equals("last_over_time");
    add(name, VECTOR, 0, (e, in) -> RangeFunctions.apply(e, in.get(0), body, keepsName), RANGE);
  }

  private static void each(String name, DoubleUnaryOperator body) {
    add(name, VECTOR, 0, (e, in) -> InstantFunctions.each(in.get(0).vector(e), body), VECTOR);
  }

  private static void ofDate(String name, InstantFunctions.OfDate body) {
    add(name, VECTOR, 1, (e, in) -> InstantFunctions.dates(e, in, body), VECTOR);
  }

  private static void add(
      String name, ValueType result, int optional, Function.Body body, ValueType... parameters) {
    ALL.put(name, new Function(name, result, List.of(parameters), optional, body));
  }
}
