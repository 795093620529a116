package dev.agentops.alerts.promql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ExpressionTest {

  private static final Instant NOW = Instant.ofEpochSecond(540);

  private final MetricStore store = FrozenVectors.store();

  static Stream<FrozenVectors.Vector> vectors() {
    return FrozenVectors.all();
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void evaluate_frozenVector_equalsPrometheus(FrozenVectors.Vector vector) {
    Instant at = Instant.ofEpochMilli(FrozenVectors.millis(vector));

    assertThat(
            Expression.parse(vector.text()).evaluate(store, at).stream()
                .map(Sample::toString)
                .collect(Collectors.joining("; ")))
        .isEqualTo(vector.result());
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void toString_frozenVector_readsBack(FrozenVectors.Vector vector) {
    Expression expression = Expression.parse(vector.text());

    assertThat(Expression.parse(expression.toString())).isEqualTo(expression);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "sum(x)by(b,a)                        | sum by (b, a) (x)",
        "SUM WITHOUT(a)(x)                    | sum without (a) (x)",
        "rate(x{a='q\"'}[90s] offset 1h30m)>1 | rate(x{a=\"q\\\"\"}[1m30s] offset 1h30m) > 1",
        "a+b*-c^2                             | a + b * -c ^ 2",
        "(a  or b)and ignoring(c)d            | (a or b) and ignoring (c) d",
        "a/on(x)group_left(y)b                | a / on (x) group_left (y) b",
        "max_over_time(a[1d:5m])              | max_over_time(a[1d:5m])",
        "max_over_time(a[1d:] offset -1w)     | max_over_time(a[1d:] offset -1w)",
        "1e21 * x # a remark                  | 1e+21 * x",
        "1 == bool Inf                        | 1 == bool +Inf",
        "{__name__=\"x\"}                     | {__name__=\"x\"}",
        "sum + by + offset                    | sum + by + offset",
        "sum + by                             | sum + by"
      })
  void toString_anyForm_isCanonical(String text, String canonical) {
    assertThat(Expression.parse(text)).hasToString(canonical);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "sum(x                  | 1:6: unexpected end of input",
        "rate(x)                | 1:1: expected type range vector in call to 'rate', got instant",
        "x[5m]                  | 1:1: the result must be an instant vector or scalar",
        "foo(x)                 | 1:1: unknown function 'foo'",
        "1 + sin(x)             | 1:5: the function 'sin' is not supported",
        "x @ 5                  | 1:3: the modifier '@' is not supported",
        "x atan2 y              | 1:3: the operator 'atan2' is not supported",
        "x{a=~\"(\"}            | 1:6: not a regular expression: '('",
        "x{a=~\"(?=b)\"}        | 1:6: '(?=b)' is not supported",
        "x{a=~\"[[:alpha:]]\"}  | 1:6: '[:alpha:]]' is not supported",
        "x{a=5}                 | 1:5: unexpected '5' in label matching, expected a string",
        "{a=\"\"}               | 1:1: vector selector must contain at least one non-empty",
        "1 > 2                  | 1:3: comparisons between scalars must use BOOL",
        "x and 1                | 1:3: set operator 'and' not allowed with a scalar",
        "x + bool y             | 1:3: bool modifier can only be used on comparison",
        "clamp(x, 1)            | 1:1: wrong number of arguments in call to 'clamp': at least 3",
        "x offset 0s            | 1:10: duration must be greater than 0: '0s'",
        "x > ;                  | 1:5: unexpected character: ';'",
        "'abc                   | 1:1: unterminated quoted string",
        "x{a=\"\\q\"}           | 1:6: unknown escape sequence '\\q'",
        "5x                     | 1:1: bad number or duration syntax: '5'",
        "x y                    | 1:3: unexpected 'y' in expression"
      })
  void parse_mistake_tellsWhereAndWhat(String text, String message) {
    assertThatExceptionOfType(ExpressionException.class)
        .isThrownBy(() -> Expression.parse(text))
        .withMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "a{1,2}b  ; aab   ; true",
        "a{,2}b   ; aab   ; false",
        "a{,2}b   ; a{,2}b ; true",
        "{x       ; {x    ; true",
        "a\\\\{2}b ; a{2}b ; true",
        "a.c      ; abcd  ; false",
        "a|b      ; b     ; true",
        "(?i)AB   ; ab    ; true",
        "[a{]+    ; a{    ; true",
        "(?P<n>a) ; a     ; true",
        "\\\\pL+   ; ab    ; true",
        "\\\\p{L}+ ; ab    ; true"
      })
  void evaluate_regularExpression_matchesTheWholeAsRe2(
      String regex, String value, boolean matches) {
    MetricStore own = MetricStore.create();
    own.append(Labels.metric("m", "a", value), NOW, 1);

    assertThat(Expression.parse("m{a=~\"" + regex + "\"}").evaluate(own, NOW))
        .hasSize(matches ? 1 : 0);
  }

  @Test
  void parse_mistakeInSecondLine_tellsTheLine() {
    assertThatExceptionOfType(ExpressionException.class)
        .isThrownBy(() -> Expression.parse("sum(\n  x y)"))
        .withMessageStartingWith("2:5: unexpected 'y'");
  }

  @Test
  void parse_deepNesting_isRefused() {
    for (String deep :
        new String[] {
          "(".repeat(20_000),
          "-".repeat(20_000) + "x",
          "x" + "+x".repeat(20_000),
          "2" + "^2".repeat(20_000),
          "abs(".repeat(10_000) + "x" + ")".repeat(10_000),
          "max_over_time(".repeat(3_000) + "x" + "[1m:1m])".repeat(3_000)
        }) {
      assertThatExceptionOfType(ExpressionException.class)
          .isThrownBy(() -> Expression.parse(deep))
          .withMessageContaining("nested too deep");
    }
  }

  @Test
  void parse_randomText_givesExpressionsOrTheirExceptionOnly() {
    Random random = new Random(7);
    RandomExpressions expressions = new RandomExpressions(random);
    int parsed = 0;
    for (int i = 0; i < 2_000; i++) {
      String text = Mutations.mutate(expressions.next(), random);
      try {
        Expression.parse(text).evaluate(store, NOW);
        parsed++;
      } catch (ExpressionException e) {
        assertThat(e).hasMessageNotContaining("null");
      }
    }
    assertThat(parsed).isBetween(200, 1_800);
  }

  @Test
  void evaluate_duplicates_saysWhichSeries() {
    assertThatExceptionOfType(ExpressionException.class)
        .isThrownBy(() -> Expression.parse("limit / on (model) calls_total").evaluate(store, NOW))
        .withMessageContaining("many-to-many matching not allowed")
        .withMessageContaining("calls_total{code=\"500\", model=\"a\"}");
    assertThatExceptionOfType(ExpressionException.class)
        .isThrownBy(() -> Expression.parse("calls_total / on (model) limit").evaluate(store, NOW))
        .withMessageContaining("group_left/group_right");
    assertThatExceptionOfType(ExpressionException.class)
        .isThrownBy(
            () ->
                Expression.parse("label_replace(calls_total, \"code\", \"\", \"code\", \".*\")")
                    .evaluate(store, NOW))
        .withMessageContaining("same labelset");
  }

  @Test
  void evaluate_endlessSubquery_isStopped() {
    Expression endless = Expression.parse("max_over_time(max_over_time(limit[1y:1ms])[1y:1ms])");

    assertThatExceptionOfType(ExpressionException.class)
        .isThrownBy(() -> endless.evaluate(store, NOW))
        .withMessageContaining("samples");
  }

  @Test
  void range_nested_addsRangesAndOffsets() {
    assertThat(Expression.parse("x > 1").range()).isZero();
    assertThat(Expression.parse("rate(x[5m] offset 1h) + y offset 10m").range())
        .isEqualTo(Duration.ofMinutes(65));
    assertThat(Expression.parse("max_over_time(rate(x[5m])[1h:1m] offset 1d)").range())
        .isEqualTo(Duration.ofMinutes(24 * 60 + 65));
  }

  @Test
  void labels_badNames_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Labels.of("a-b", "1"))
        .withMessageContaining("'a-b'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Labels.metric("9lives"))
        .withMessageContaining("'9lives'");
    assertThatIllegalArgumentException().isThrownBy(() -> Labels.of("a"));
    assertThatIllegalArgumentException().isThrownBy(() -> Labels.of("a", "1", "a", "2"));
  }

  @Test
  void labels_emptyValue_isNoLabel() {
    assertThat(Labels.of("a", "", "b", "2")).isEqualTo(Labels.of("b", "2"));
    assertThat(Labels.of("a", "1", "b", "2").with("a", "")).isEqualTo(Labels.of("b", "2"));
    assertThat(Labels.of("b", "2").with("a", "1").with("c", "3"))
        .isEqualTo(Labels.of("c", "3", "b", "2", "a", "1"))
        .hasToString("{a=\"1\", b=\"2\", c=\"3\"}");
    assertThat(Labels.metric("up", "a", "1").map()).containsEntry(Labels.NAME, "up").hasSize(2);
  }
}
