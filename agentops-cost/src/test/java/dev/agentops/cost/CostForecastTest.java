package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class CostForecastTest {

  private static final LocalDate MONDAY = LocalDate.of(2026, 11, 16);

  private final UsageLedger ledger = UsageLedger.inMemory();

  @Test
  void of_fourEqualWeeks_repeatsThem() {
    for (LocalDate day = MONDAY.minusDays(28); day.isBefore(MONDAY); day = day.plusDays(1)) {
      spend(day, isWeekend(day) ? "1" : "10");
    }

    CostForecast forecast = forecast(MONDAY);

    // ten weekdays and five days of weekends are over; eleven and four are to come
    assertThat(forecast.month()).isEqualTo(YearMonth.of(2026, 11));
    assertThat(forecast.spent()).isEqualTo(Cost.usd("105"));
    assertThat(forecast.expected()).isEqualTo(Cost.usd("219"));
    assertThat(forecast.lowest()).isEqualTo(forecast.expected());
    assertThat(forecast.highest()).isEqualTo(forecast.expected());
    assertThat(forecast.basisDays()).isEqualTo(28);
    assertThat(forecast).hasToString("2026-11: $219.00, between $219.00 and $219.00");
  }

  @Test
  void of_weekdaysThatDiffer_tellsAnInterval() {
    LocalDate lastDay = LocalDate.of(2026, 11, 30); // a Monday
    spend(lastDay.minusDays(14), "2");
    spend(lastDay.minusDays(7), "5");

    CostForecast forecast = forecast(lastDay);

    assertThat(forecast.spent()).isEqualTo(Cost.usd("7"));
    assertThat(forecast.expected()).isEqualTo(Cost.usd("10.5"));
    assertThat(forecast.lowest()).isEqualTo(Cost.usd("9"));
    assertThat(forecast.highest()).isEqualTo(Cost.usd("12"));
    assertThat(forecast.basisDays()).isEqualTo(14);
  }

  @Test
  void of_todayDearerThanItsWeekday_countsAsItIs() {
    LocalDate lastDay = LocalDate.of(2026, 11, 30);
    spend(lastDay.minusDays(7), "5");
    spend(lastDay, "8");

    assertThat(forecast(lastDay).expected()).isEqualTo(Cost.usd("13"));
    assertThat(forecast(lastDay).spent()).isEqualTo(Cost.usd("13"));
  }

  @Test
  void of_weekdayNotSeenYet_takesTheMeanOfAllDays() {
    LocalDate friday = LocalDate.of(2026, 11, 27);
    spend(friday.minusDays(2), "1");
    spend(friday.minusDays(1), "2");

    // Friday to Monday at 1.50 each
    assertThat(forecast(friday).expected()).isEqualTo(Cost.usd("9"));
    assertThat(forecast(friday).highest()).isEqualTo(Cost.usd("11"));
  }

  @Test
  void of_meanWithoutEnd_isRoundedToPicoDollars() {
    LocalDate lastDay = LocalDate.of(2026, 11, 30);
    spend(lastDay.minusDays(21), "1");
    spend(lastDay.minusDays(14), "1");

    assertThat(forecast(lastDay).expected()).isEqualTo(Cost.usd("2.666666666667"));
  }

  @Test
  void of_leapYear_forecastsThe29th() {
    LocalDate day = LocalDate.of(2028, 2, 28);
    spend(day.minusDays(1), "3");

    assertThat(forecast(day).expected()).isEqualTo(Cost.usd("9"));
  }

  @Test
  void of_daysFarApart_countsThoseBetweenAsZero() {
    LocalDate second = LocalDate.of(2026, 3, 2);
    for (int month = 0; month < 4; month++) {
      spend(LocalDate.of(2026, 3, 1).minusMonths(month), "100");
    }

    CostForecast forecast = forecast(second);

    // 1 March is one of four Sundays, and four more are to come
    assertThat(forecast.basisDays()).isEqualTo(28);
    assertThat(forecast.expected()).isEqualTo(Cost.usd("200"));
    assertThat(forecast.lowest()).isEqualTo(Cost.usd("100"));
    assertThat(forecast.highest()).isEqualTo(Cost.usd("500"));
  }

  @Test
  void of_lastRecordBeforeTheFourWeeks_expectsNothingMore() {
    spend(MONDAY, "3");
    spend(MONDAY.minusDays(29), "3");

    assertThat(forecast(MONDAY).expected()).isEqualTo(Cost.usd("3"));
  }

  @Test
  void of_fewDays_isAtLeastWhatIsSpent() {
    spend(MONDAY.minusDays(6), "5");

    assertThat(forecast(MONDAY).lowest()).isEqualTo(Cost.usd("5"));
    assertThat(forecast(MONDAY).highest()).isEqualTo(Cost.usd("80"));
  }

  @Test
  void of_eachWeekdayOnce_tellsAnIntervalOfAllDays() {
    spend(MONDAY.minusDays(7), "5");

    assertThat(forecast(MONDAY).lowest()).isEqualTo(Cost.usd("5"));
    assertThat(forecast(MONDAY).highest()).isEqualTo(Cost.usd("80"));
  }

  @Test
  void of_noEarlierDay_isEmpty() {
    spend(MONDAY, "3");

    assertThat(CostForecast.of(ledger, UsageQuery.all(), MONDAY)).isEmpty();
  }

  @Test
  void of_queryWithADimension_countsItsRecordsOnly() {
    LocalDate lastDay = LocalDate.of(2026, 11, 30);
    spend(lastDay.minusDays(1), "3");
    ledger.add(
        at(lastDay.minusDays(1))
            .attributes(Attributes.of("team", "a"))
            .cost(Cost.usd("1"))
            .build());

    assertThat(CostForecast.of(ledger, UsageQuery.all().where("team", "a"), lastDay))
        .hasValueSatisfying(forecast -> assertThat(forecast.expected()).isEqualTo(Cost.usd("2")));
  }

  private CostForecast forecast(LocalDate today) {
    return CostForecast.of(ledger, UsageQuery.all(), today).orElseThrow();
  }

  private void spend(LocalDate day, String usd) {
    ledger.add(at(day).cost(Cost.usd(usd)).build());
  }

  private static UsageRecord.Builder at(LocalDate day) {
    return UsageRecord.builder().timestamp(day.atTime(12, 0).toInstant(ZoneOffset.UTC));
  }

  private static boolean isWeekend(LocalDate day) {
    return day.getDayOfWeek() == DayOfWeek.SATURDAY || day.getDayOfWeek() == DayOfWeek.SUNDAY;
  }
}
