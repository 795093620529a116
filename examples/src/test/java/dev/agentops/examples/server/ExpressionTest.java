package dev.agentops.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionTest {

  @ParameterizedTest
  @CsvSource({
    "1+2*3, 7",
    "(1+2)*3, 9",
    "10/4, 2.5",
    "7%4, 3",
    "-7%4, -3",
    "2^10, 1024",
    "2^3^2, 512",
    "-2^2, -4",
    "(-2)^2, 4",
    "2^-2, 0.25",
    "--3, 3",
    "2*-3, -6",
    "0.1+0.2, 0.3",
    "sqrt(144), 12",
    "sqrt(9)*2, 6",
    "' ( 12.5 + 3 ) * 2 ^ 8 ', 3968",
    ".5+.5, 1",
    "6 ÷ 3 × 2, 4"
  })
  void evaluate_follows_arithmetic(String expression, BigDecimal value) {
    assertThat(Expression.evaluate(expression)).isEqualByComparingTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "1+", "(1", "1)", "a", "1 2", "1..2", "2**3", "sqrt 4", "sqrt(", "1e9", "$1", "()",
        "٣+١"
      })
  void evaluate_ofNoExpression_saysSo(String expression) {
    assertThatIllegalArgumentException().isThrownBy(() -> Expression.evaluate(expression));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1/0",
        "1%0",
        "0^-1",
        "sqrt(-1)",
        "2^0.5",
        "9^9^9",
        "2^99999",
        "(((9^9999)^9)^9999)^9999"
      })
  void evaluate_withoutAValue_saysSo(String expression) {
    assertThatThrownBy(() -> Expression.evaluate(expression))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void evaluate_isBounded() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Expression.evaluate("(".repeat(60) + "1" + ")".repeat(60)))
        .withMessageContaining("levels");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Expression.evaluate("1^".repeat(60) + "1"))
        .withMessageContaining("levels");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Expression.evaluate("1+".repeat(300) + "1"))
        .withMessageContaining("characters");
  }

  @Test
  void evaluate_agreesWithBigIntegers() {
    Random random = new Random(42);
    for (int round = 0; round < 500; round++) {
      BigInteger value = BigInteger.valueOf(random.nextInt(1000));
      StringBuilder text = new StringBuilder(value.toString());
      for (int step = random.nextInt(6); step > 0; step--) {
        BigInteger operand = BigInteger.valueOf(1 + random.nextInt(99));
        switch (random.nextInt(3)) {
          case 0 -> {
            value = value.add(operand);
            text.append('+').append(operand);
          }
          case 1 -> {
            value = value.subtract(operand);
            text.append('-').append(operand);
          }
          default -> {
            value = value.multiply(operand);
            text.insert(0, '(').append(")*").append(operand);
          }
        }
      }
      assertThat(Expression.evaluate(text.toString()).toBigIntegerExact())
          .as(text.toString())
          .isEqualTo(value);
    }
  }

  @Test
  void calculator_answersInWordsWhatItCannot() {
    CalculatorTool calculator = new CalculatorTool();

    assertThat(calculator.calculate("2*3.50")).isEqualTo("7");
    assertThat(calculator.calculate("0*3.50")).isEqualTo("0");
    assertThat(calculator.calculate("10^6")).isEqualTo("1000000");
    assertThat(calculator.calculate("10^200")).isEqualTo("1E+200");
    assertThat(calculator.calculate("1/0")).contains("division by zero");
    assertThat(calculator.calculate("2 +")).contains("ends too early");
    assertThat(calculator.calculate("2 + x")).contains("'x' at character 5");
  }
}
