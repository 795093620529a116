package dev.agentops.alerts.promql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random expressions over random series have the results that Prometheus gives them: promtool is
 * told our results as its expectations.
 *
 * <p>It compares exactly, and adds up in no fixed order, so that values are rounded, after a factor
 * that keeps them away from where rounding turns. NaN is not equal to itself there, and is asked
 * for by itself.
 */
class PrometheusParityTest {

  private static final long SEED = Long.getLong("agentops.seed", 20260117);
  private static final int GROUPS = 16;
  private static final int EXPRESSIONS = 22;
  private static final String ALL_LABELS = "count by (__name__, a, b, c, le) (%s)";

  @TempDir Path directory;

  @BeforeEach
  void needsPromtool() {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "promtool"))),
        "promtool is not on the PATH: install the Debian package prometheus to compare with it");
  }

  @Test
  void evaluate_randomExpressions_equalsPrometheus() throws Exception {
    Random random = new Random(SEED);
    StringBuilder results = new StringBuilder(head());
    StringBuilder failures = new StringBuilder(head());
    int failing = 0;
    int succeeding = 0;
    for (int group = 0; group < GROUPS; group++) {
      RandomSeries series = new RandomSeries(random);
      Checks checks = new Checks(series.store());
      RandomExpressions expressions = new RandomExpressions(random);
      for (int i = 0; i < EXPRESSIONS; i++) {
        checks.compare(expressions.next(), random.nextInt(1000));
      }
      succeeding += checks.succeeding;
      failing += checks.failing;
      // the last one has all samples loaded, also those after the times of the others
      results.append(series.yaml()).append("  promql_expr_test:\n").append(checks.results);
      results.append(check("vector(1)", "1h", List.of(new Sample(Labels.empty(), 1))));
      failures.append(series.yaml()).append("  promql_expr_test:\n").append(checks.failures);
      failures.append(check("vector(1)", "1h", List.of(new Sample(Labels.empty(), 1))));
    }

    assertThat(succeeding).isGreaterThan(500);
    assertThat(failing).isGreaterThan(10);
    assertThat(differences(results.toString())).isEmpty();
    String errors = promtool("failures.yml", failures.toString(), "test", "rules");
    assertThat(errors.lines().filter(line -> line.contains(", err: ")).count()).isEqualTo(failing);
    assertThat(errors).doesNotContain("got:");
  }

  @Test
  void evaluate_frozenVectors_areThoseOfPrometheus() throws Exception {
    StringBuilder yaml = new StringBuilder(head()).append(FrozenVectors.yaml());
    yaml.append("  promql_expr_test:\n");
    MetricStore store = FrozenVectors.store();
    for (FrozenVectors.Vector vector : FrozenVectors.all().toList()) {
      String text = vector.text();
      String minutes = vector.minute().equals("5.5") ? "5m30s" : vector.minute() + "m";
      Instant at = Instant.ofEpochMilli(FrozenVectors.millis(vector));
      List<Sample> samples = Expression.parse(text).evaluate(store, at);
      yaml.append(check(text, minutes, samples));
    }
    yaml.append(check("vector(1)", "1h", List.of(new Sample(Labels.empty(), 1))));

    assertThat(promtool("frozen.yml", yaml.toString(), "test", "rules")).contains("SUCCESS");
  }

  @Test
  void parse_mistakes_areMistakesForPrometheusToo() throws Exception {
    Random random = new Random(SEED);
    RandomExpressions expressions = new RandomExpressions(random);
    StringBuilder yaml = new StringBuilder("groups:\n- name: g\n  rules:\n");
    Set<String> refused = new TreeSet<>();
    Map<String, String> texts = new HashMap<>();
    while (texts.size() < 1000) {
      String text = Mutations.mutate(expressions.next(), random);
      String rule = "r" + texts.size();
      if (text.isBlank()) {
        continue;
      }
      try {
        Expression.parse(text);
      } catch (ExpressionException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("supported") || message.contains("the result must be")) {
          continue;
        }
        refused.add(rule);
      }
      texts.put(rule, text);
      yaml.append("  - alert: %s\n    expr: '%s'\n".formatted(rule, text.replace("'", "''")));
    }

    String output = promtool("rules.yml", yaml.toString(), "check", "rules");
    Set<String> refusedThere = new TreeSet<>();
    Matcher matcher = Pattern.compile("\"(r\\d+)\": could not parse").matcher(output);
    while (matcher.find()) {
      refusedThere.add(matcher.group(1));
    }
    Set<String> onlyHere = new TreeSet<>(refused);
    onlyHere.removeAll(refusedThere);
    Set<String> onlyThere = new TreeSet<>(refusedThere);
    onlyThere.removeAll(refused);
    assertThat(refused).hasSizeBetween(200, 950);
    assertThat(onlyHere.stream().map(texts::get)).as("refused here only").isEmpty();
    assertThat(onlyThere.stream().map(texts::get)).as("refused there only").isEmpty();
  }

  /** What promtool is asked about the expressions over one store. */
  private static final class Checks {

    private final MetricStore store;
    private final StringBuilder results = new StringBuilder();
    private final StringBuilder failures = new StringBuilder();
    private int succeeding;
    private int failing;

    Checks(MetricStore store) {
      this.store = store;
    }

    void compare(String text, int seconds) {
      Expression expression = Expression.parse(text);
      String vector = expression.toString();
      List<Sample> samples;
      try {
        samples = expression.evaluate(store, Instant.ofEpochSecond(seconds));
      } catch (ExpressionException e) {
        add(text, seconds);
        return;
      }
      if (isScalar(vector)) {
        vector = "vector(" + vector + ")";
      }
      add(ALL_LABELS.formatted(vector), seconds);
      if (samples.stream().anyMatch(sample -> Double.isNaN(sample.value()))) {
        add("(%1$s) != bool (%1$s)".formatted(vector), seconds);
        add("sgn((%1$s) == (%1$s))".formatted(vector), seconds);
        add("round(log2(abs((%1$s) == (%1$s))) * 1.0471975511, 1e-7)".formatted(vector), seconds);
      } else if (samples.stream().anyMatch(sample -> Math.abs(sample.value()) > 1e6)) {
        add("sgn(%s)".formatted(vector), seconds);
        add("round(log2(abs(%s)) * 1.0471975511, 1e-7)".formatted(vector), seconds);
      } else {
        add("round((%s) * 1.0471975511, 1e-7)".formatted(vector), seconds);
      }
    }

    private static boolean isScalar(String text) {
      try {
        Expression.parse("vector(" + text + ")");
        return true;
      } catch (ExpressionException e) {
        return false;
      }
    }

    private void add(String text, int seconds) {
      try {
        List<Sample> samples =
            Expression.parse(text).evaluate(store, Instant.ofEpochSecond(seconds));
        results.append(check(text, seconds + "s", samples));
        succeeding++;
      } catch (ExpressionException e) {
        failures.append(check(text, seconds + "s", List.of()));
        failing++;
      }
    }
  }

  private static String head() {
    return "evaluation_interval: 1m\nrule_files: []\ntests:\n";
  }

  private static String check(String text, String time, List<Sample> samples) {
    StringBuilder yaml = new StringBuilder();
    yaml.append("  - expr: '").append(text.replace("'", "''")).append("'\n");
    yaml.append("    eval_time: ").append(time).append("\n    exp_samples:\n");
    for (Sample sample : samples) {
      yaml.append("    - labels: '").append(sample.labels()).append("'\n");
      yaml.append("      value: ").append(yamlNumber(sample.value())).append('\n');
    }
    return yaml.toString();
  }

  private static String yamlNumber(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? ".inf" : "-.inf";
    }
    return new BigDecimal(value).toPlainString();
  }

  /**
   * What differs each time: promtool adds up in another order with every run, and a comparison on a
   * value where the last digit decides may go either way.
   */
  private Set<String> differences(String yaml) throws IOException, InterruptedException {
    Set<String> differences = null;
    for (int run = 0; run < 3 && (differences == null || !differences.isEmpty()); run++) {
      String output = promtool("results.yml", yaml, "test", "rules");
      Set<String> now = new TreeSet<>();
      output.lines().filter(line -> line.contains(" expr: ")).forEach(now::add);
      assertThat(now.isEmpty()).as(output).isEqualTo(output.contains("SUCCESS"));
      if (differences == null) {
        differences = now;
      } else {
        differences.retainAll(now);
      }
      if (run == 2) {
        assertThat(differences).as(output).isEmpty();
      }
    }
    return differences == null ? Set.of() : differences;
  }

  private String promtool(String name, String yaml, String... command)
      throws IOException, InterruptedException {
    Path file = Files.writeString(directory.resolve(name), yaml);
    Path output = directory.resolve(name + ".out");
    Process process =
        new ProcessBuilder("promtool", command[0], command[1], file.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
    }
    return Files.readString(output, StandardCharsets.UTF_8);
  }
}
