package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CostTest {

  @ParameterizedTest
  @CsvSource({
    "0.06, $0.06",
    "1.5, $1.50",
    "0, $0.00",
    "-2, -$2.00",
    "0.000000000001, $0.000000000001",
    "0.0000000000001, $0.0000000000001",
    "123456789012345678901234567890.5, $123456789012345678901234567890.50"
  })
  void toString_amount_isExactAndPlain(String amount, String expected) {
    assertThat(Cost.usd(amount)).hasToString(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "abc", "1,5", "$1"})
  void usd_notANumber_isRefusedWithTheValue(String amount) {
    assertThatThrownBy(() -> Cost.usd(amount))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + amount + "'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1e900000", "-1e900000", "1e-900000000", "1e129", "1e-129", "7e2147483647"})
  @Timeout(5)
  void usd_absurdAmount_isRefusedShortly(String amount) {
    assertThatThrownBy(() -> Cost.usd(amount))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("128 digits")
        .message()
        .hasSizeLessThan(200);
    assertThatThrownBy(() -> Cost.usd(new BigDecimal(amount)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Cost.usd("1" + "0".repeat(1_000_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .hasSizeLessThan(400);
  }

  @Test
  void usd_zeroWithAnAbsurdExponent_isZero() {
    assertThat(Cost.usd("0e900000")).isSameAs(Cost.ZERO);
    assertThat(Cost.usd("1e127").plus(Cost.usd("1e-128")).minus(Cost.usd("1e127")))
        .isEqualTo(Cost.usd("1e-128"));
  }

  @Test
  void equals_sameAmountInAnotherScaleOrForm_isEqual() {
    assertThat(Cost.usd("0.50")).isEqualTo(Cost.usd("0.5")).hasSameHashCodeAs(Cost.usd("0.5"));
    assertThat(Cost.ofPicoUsd(Long.MAX_VALUE))
        .isEqualTo(Cost.usd(BigDecimal.valueOf(Long.MAX_VALUE, 12)))
        .hasSameHashCodeAs(Cost.usd(BigDecimal.valueOf(Long.MAX_VALUE, 12)));
    assertThat(Cost.usd("0.5")).isNotEqualTo(Cost.usd("0.51"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void arithmetic_randomAmounts_agreesWithBigDecimal(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      BigDecimal a = amount(random);
      BigDecimal b = amount(random);
      long factor = random.nextInt(2_000) - 1_000;
      Cost costA = Cost.usd(a);
      Cost costB = Cost.usd(b);

      assertThat(costA.plus(costB).usd()).isEqualByComparingTo(a.add(b));
      assertThat(costA.minus(costB).usd()).isEqualByComparingTo(a.subtract(b));
      assertThat(costA.times(factor).usd())
          .isEqualByComparingTo(a.multiply(BigDecimal.valueOf(factor)));
      assertThat(Integer.signum(costA.compareTo(costB))).isEqualTo(a.compareTo(b));
      assertThat(costA.signum()).isEqualTo(a.signum());
      assertThat(costA.equals(costB)).isEqualTo(a.compareTo(b) == 0);
    }
  }

  /**
   * Near zero, near the edge of a long of pico-dollars, far beyond it, and finer than a
   * pico-dollar.
   */
  private static BigDecimal amount(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> BigDecimal.valueOf(random.nextInt(1_000), 12);
      case 1 ->
          new BigDecimal(
              BigInteger.valueOf(Long.MAX_VALUE - random.nextInt(3))
                  .add(BigInteger.valueOf(random.nextInt(5))),
              12);
      case 2 -> new BigDecimal(new BigInteger(90, random), random.nextInt(16)).negate();
      default -> BigDecimal.valueOf(random.nextLong(), random.nextInt(20));
    };
  }
}
