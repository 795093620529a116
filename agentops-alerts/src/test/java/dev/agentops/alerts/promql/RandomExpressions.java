package dev.agentops.alerts.promql;

import java.util.List;
import java.util.Random;

/** Makes expressions that parse, over the series of {@link RandomSeries}. */
final class RandomExpressions {

  private static final List<String> OVER_TIME =
      List.of(
          "rate",
          "increase",
          "delta",
          "irate",
          "idelta",
          "deriv",
          "changes",
          "resets",
          "avg_over_time",
          "min_over_time",
          "max_over_time",
          "sum_over_time",
          "count_over_time",
          "stddev_over_time",
          "stdvar_over_time",
          "last_over_time",
          "present_over_time",
          "absent_over_time");
  private static final List<String> OF_ONE =
      List.of(
          "abs",
          "ceil",
          "floor",
          "exp",
          "ln",
          "log2",
          "log10",
          "sqrt",
          "sgn",
          "round",
          "absent",
          "sort",
          "sort_desc",
          "timestamp",
          "-",
          "+",
          "");
  private static final List<String> OF_DATE =
      List.of(
          "minute",
          "hour",
          "day_of_week",
          "day_of_month",
          "day_of_year",
          "days_in_month",
          "month",
          "year");
  private static final List<String> AGGREGATIONS =
      List.of("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar");

  private final Random random;

  RandomExpressions(Random random) {
    this.random = random;
  }

  String next() {
    return random.nextInt(12) == 0 ? scalar(3) : vector(3);
  }

  private String vector(int depth) {
    if (depth == 0) {
      return selector() + offset();
    }
    return switch (random.nextInt(12)) {
      case 0 -> selector() + offset();
      case 1, 2 -> pick(OVER_TIME) + "(" + range(depth - 1) + ")";
      case 3 -> rangeWithParameter(depth - 1);
      case 4, 5 -> aggregate(depth - 1);
      case 6 -> pick(OF_ONE) + "(" + vector(depth - 1) + ")";
      case 7 -> withParameter(depth - 1);
      case 8 -> vector(depth - 1) + " " + operator() + " " + scalar(depth - 1);
      case 9 -> scalar(depth - 1) + " " + operator() + " (" + vector(depth - 1) + ")";
      case 10 -> matched(depth - 1);
      default -> "(" + vector(depth - 1) + ") " + set() + " (" + vector(depth - 1) + ")";
    };
  }

  private String scalar(int depth) {
    return switch (random.nextInt(depth == 0 ? 3 : 6)) {
      case 0, 1 -> pick(List.of("0", "1", "2.5", "-3", "1e3", "0.1", "0x10", "NaN", "Inf", "7"));
      case 2 -> "time()";
      case 3 -> "scalar(" + vector(depth - 1) + ")";
      case 4 -> scalar(depth - 1) + pick(List.of("+", "-", "*", "/", "%", "^")) + "3";
      default -> "(" + scalar(depth - 1) + comparison() + " bool " + scalar(depth - 1) + ")";
    };
  }

  private String range(int depth) {
    String duration = "[" + duration();
    if (depth > 0 && random.nextInt(4) == 0) {
      String step = pick(List.of("", "30s", "1m", "2m", "90s"));
      return "(" + vector(depth - 1) + ")" + duration + ":" + step + "]" + offset();
    }
    return selector() + duration + "]" + offset();
  }

  private String rangeWithParameter(int depth) {
    return random.nextBoolean()
        ? "quantile_over_time(" + quantile() + ", " + range(depth) + ")"
        : "predict_linear(" + range(depth) + ", " + scalar(0) + ")";
  }

  private String withParameter(int depth) {
    String vector = vector(depth);
    return switch (random.nextInt(10)) {
      // the date of NaN depends on the processor in Go
      case 9 -> pick(OF_DATE) + "((" + vector + ") * 100000 > 0 < 1e11)";
      case 0 -> "clamp(" + vector + ", " + scalar(0) + ", " + scalar(0) + ")";
      case 1 -> "clamp_min(" + vector + ", " + scalar(0) + ")";
      case 2 -> "clamp_max(" + vector + ", " + scalar(0) + ")";
      case 3 -> "round(" + vector + ", " + pick(List.of("5", "0.5", "10", "0")) + ")";
      case 4 -> "vector(" + scalar(depth) + ")";
      case 5 -> "label_replace(" + vector + ", \"c\", \"$1-$2-${1}x\", \"a\", \"(x|y)(.*)\")";
      case 6 -> "label_replace(" + vector + ", \"a\", \"\", \"b\", \"[12]\")";
      case 7 -> "label_join(" + vector + ", \"c\", \"/\", \"a\", \"b\")";
      default -> "histogram_quantile(" + quantile() + ", " + histogram() + ")";
    };
  }

  private String histogram() {
    return switch (random.nextInt(3)) {
      case 0 -> "lat_bucket";
      case 1 -> "rate(lat_bucket[" + duration() + "])";
      default -> "sum by (le) (increase(lat_bucket[" + duration() + "]))";
    };
  }

  private String aggregate(int depth) {
    String modifier =
        pick(List.of("", "", " by (a)", " by (b)", " by (a, b)", " without (b)", " without (a)"));
    String name = pick(AGGREGATIONS);
    String parameter = "";
    String vector = vector(depth);
    switch (random.nextInt(5)) {
      // which of equal ones it takes is chance in Prometheus
      case 0 -> {
        name = pick(List.of("topk", "bottomk"));
        parameter = pick(List.of("1", "2", "3", "0", "-1", "NaN")) + ", ";
        vector = pick(List.of("uniq", "-uniq{a=\"x\"}", "uniq * 2", "last_over_time(uniq[2m])"));
      }
      case 1 -> {
        name = "quantile";
        parameter = quantile() + ", ";
      }
      default -> {}
    }
    String arguments = " (" + parameter + vector + ")";
    return random.nextBoolean() ? name + modifier + arguments : name + arguments + modifier;
  }

  private String matched(int depth) {
    String matching =
        pick(
            List.of(
                " ",
                " ",
                " on (a, b) ",
                " on (a) ",
                " ignoring (c) ",
                " ignoring (b) ",
                " on (a) group_left () ",
                " on (a) group_left (b) ",
                " on (a) group_right () ",
                " ignoring (b) group_right () ",
                " on () "));
    return "(" + vector(depth) + ") " + operator() + matching + "(" + vector(depth) + ")";
  }

  private String set() {
    return pick(List.of("and", "or", "unless"))
        + pick(List.of("", "", " on (a)", " ignoring (b)", " on ()"));
  }

  private String operator() {
    return random.nextBoolean()
        ? pick(List.of("+", "-", "*", "/", "%", "^"))
        : comparison() + (random.nextInt(3) == 0 ? " bool" : "");
  }

  private String comparison() {
    return pick(List.of("==", "!=", "<", "<=", ">", ">="));
  }

  private String selector() {
    String name = pick(List.of("reqs_total", "reqs_total", "errs_total", "temp", "none"));
    return switch (random.nextInt(8)) {
      case 0 -> name + "{a=\"x\"}";
      case 1 -> name + "{a!=\"x\", b=~\"1|2\"}";
      case 2 -> name + "{b!~\"[23].*\"}";
      case 3 -> name + "{c=\"\"}";
      case 4 -> "{__name__=~\"" + name + "|temp\"}";
      default -> name;
    };
  }

  private String offset() {
    return random.nextInt(5) == 0 ? pick(List.of(" offset 2m", " offset -90s")) : "";
  }

  private String duration() {
    return pick(List.of("45s", "1m", "2m", "3m30s", "5m", "10m"));
  }

  private String quantile() {
    return pick(List.of("0", "0.5", "0.9", "0.99", "1", "-1", "1.5", "NaN", "0.25"));
  }

  private String pick(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
