package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.agentops.Cost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetTest {

  private static final Cost LIMIT = Cost.usd("10");

  @Test
  void named_returnsAnotherBudget() {
    Budget daily = Budget.daily(LIMIT);

    Budget named = daily.named("team").per("team").warnAt(0.8, 0.5, 0.8).rejectWhenExceeded();

    assertThat(daily.name()).isEqualTo("daily");
    assertThat(daily.rejecting()).isFalse();
    assertThat(daily.attribute()).isEmpty();
    assertThat(named.name()).isEqualTo("team");
    assertThat(named.attribute()).contains("team");
    assertThat(named.warningMarks()).containsExactly(0.5, 0.8);
    assertThat(named.rejecting()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.5, 1.01, 80, Double.NaN, Double.POSITIVE_INFINITY})
  void warnAt_badShare_isQuoted(double share) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Budget.daily(LIMIT).warnAt(0.5, share))
        .withMessageContaining(String.valueOf(share));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1"})
  void of_badLimit_isQuoted(String limit) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Budget.monthly(Cost.usd(limit)))
        .withMessageContaining(Cost.usd(limit).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  "})
  void named_blank_isRefused(String blank) {
    assertThatIllegalArgumentException().isThrownBy(() -> Budget.daily(LIMIT).named(blank));
    assertThatIllegalArgumentException().isThrownBy(() -> Budget.daily(LIMIT).per(blank));
  }

  @Test
  void named_moreThanAnIndexTakes_isQuoted() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Budget.daily(LIMIT).named("n".repeat(201)))
        .withMessageContaining("200")
        .withMessageContaining("nnn");
  }

  @Test
  void per_twice_addsToTheAttributes() {
    assertThat(Budget.daily(LIMIT).per("team").per("user", "team").attributes())
        .containsExactly("team", "user");
    assertThat(Budget.perRun(LIMIT).per("team").attributes()).containsExactly(Budget.RUN, "team");
  }

  @Test
  void budget_sameNameTwice_isRefused() {
    CostMonitor.Builder builder = CostMonitor.builder().budget(Budget.daily(LIMIT));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.budget(Budget.monthly(LIMIT).named("daily")))
        .withMessageContaining("'daily'");
  }
}
