package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class UsageTest {

  static Stream<Arguments> impossible() {
    return Stream.of(
        row("negative input", b -> b.inputTokens(-1), "inputTokens must not be negative: -1"),
        row("negative output", b -> b.outputTokens(-5), "outputTokens must not be negative: -5"),
        row(
            "more read than sent",
            b -> b.cacheReadTokens(101),
            "cacheReadTokens must not exceed inputTokens: 101 of 100"),
        row(
            "read and written over the whole",
            b -> b.cacheReadTokens(60).cacheWriteTokens(41),
            "41 of 40"),
        row(
            "1h over all writes",
            b -> b.cacheWriteTokens(5).cacheWrite1hTokens(6),
            "cacheWrite1hTokens must not exceed cacheWriteTokens: 6 of 5"),
        row("audio over input", b -> b.inputAudioTokens(101), "101 of 100"),
        row(
            "audio and image over input",
            b -> b.inputAudioTokens(60).inputImageTokens(41),
            "41 of 40"),
        row(
            "cached audio over cached",
            b -> b.inputAudioTokens(50).cacheReadTokens(10).cacheReadAudioTokens(11),
            "11 of 10"),
        row(
            "cached audio over audio",
            b -> b.inputAudioTokens(5).cacheReadTokens(10).cacheReadAudioTokens(6),
            "6 of 5"),
        row(
            "audio and cached over input, with too few that are both",
            b -> b.inputAudioTokens(70).cacheReadTokens(60).cacheReadAudioTokens(29),
            "41 of 40"),
        row(
            "reasoning over output",
            b -> b.reasoningTokens(51),
            "reasoningTokens must not exceed outputTokens: 51 of 50"),
        row(
            "unit without a name",
            b -> b.units("", BigDecimal.ONE),
            "a unit's name must be 1 to 64"),
        row("unit of another script", b -> b.units("säge", BigDecimal.ONE), "but is 'säge'"),
        row(
            "unit with a long name",
            b -> b.units("x".repeat(1 << 20), BigDecimal.ONE),
            "but is '" + "x".repeat(64) + "...'"),
        row(
            "negative units",
            b -> b.units("pages", new BigDecimal("-0.5")),
            "pages must not be negative: -0.5"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("impossible")
  void build_impossibleUsage_isRefusedWithTheNumbers(
      String name, UnaryOperator<Usage.Builder> change, String message) {
    assertThatThrownBy(
            () -> change.apply(Usage.builder().inputTokens(100).outputTokens(50)).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void plus_twoUsages_addsEveryPart() {
    Usage a =
        Usage.builder()
            .inputTokens(100)
            .cacheReadTokens(50)
            .outputTokens(20)
            .reasoningTokens(5)
            .units("pages", BigDecimal.ONE)
            .build();
    Usage b =
        Usage.builder()
            .inputTokens(10)
            .cacheReadTokens(1)
            .outputTokens(2)
            .units("pages", new BigDecimal("0.5"))
            .units("seconds", BigDecimal.TEN)
            .build();

    assertThat(a.plus(b))
        .isEqualTo(
            Usage.builder()
                .inputTokens(110)
                .cacheReadTokens(51)
                .outputTokens(22)
                .reasoningTokens(5)
                .units("pages", new BigDecimal("1.5"))
                .units("seconds", BigDecimal.TEN)
                .build());
    assertThat(a.plus(Usage.none())).isEqualTo(a);
  }

  private static Arguments row(String name, UnaryOperator<Usage.Builder> change, String message) {
    return Arguments.of(name, change, message);
  }
}
