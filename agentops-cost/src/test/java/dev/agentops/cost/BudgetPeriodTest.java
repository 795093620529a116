package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetPeriodTest {

  private static final long FIRST = Instant.parse("1990-01-01T00:00:00Z").getEpochSecond();
  private static final long LAST = Instant.parse("2040-01-01T00:00:00Z").getEpochSecond();

  static Stream<String> zones() {
    return Stream.of(
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo", // no midnight on some days
        "Asia/Kathmandu", // 05:45
        "Australia/Lord_Howe", // half an hour
        "Pacific/Apia", // skipped 30 December 2011
        "Africa/Casablanca",
        "America/Caracas",
        "Antarctica/Troll"); // two hours
  }

  @ParameterizedTest
  @MethodSource("zones")
  void window_anyMoment_followsTheOneBefore(String name) {
    ZoneId zone = ZoneId.of(name);
    Random random = new Random(7);
    for (BudgetPeriod period :
        List.of(
            HourPeriod.HOUR,
            CalendarPeriod.DAY,
            CalendarPeriod.WEEK,
            CalendarPeriod.MONTH,
            new RollingPeriod(Duration.ofMinutes(7)))) {
      for (int i = 0; i < 300; i++) {
        Instant at = near(zone, random);
        BudgetWindow window = period.window(at, zone);
        Instant start = Instant.ofEpochMilli(window.startMillis());
        Instant end = Instant.ofEpochMilli(window.endMillis());

        assertThat(window.contains(at.toEpochMilli())).as("%s %s %s", period, at, window).isTrue();
        for (Instant inside : List.of(start, end.minusMillis(1))) {
          assertThat(period.window(inside, zone).toString()).isEqualTo(window.toString());
        }
        assertThat(period.window(end, zone).startMillis()).isEqualTo(window.endMillis());
        assertThat(period.window(start.minusMillis(1), zone).endMillis())
            .isEqualTo(window.startMillis());
        if (period == HourPeriod.HOUR) {
          assertThat(ZonedDateTime.ofInstant(at, zone).getHour())
              .isEqualTo(ZonedDateTime.ofInstant(start, zone).getHour())
              .isEqualTo(ZonedDateTime.ofInstant(end.minusMillis(1), zone).getHour());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    // leap years, month ends, the days on which clocks change
    "MONTH, UTC, 2028-02-29T23:59:59.999Z, 2028-02-01T00:00:00Z, 2028-03-01T00:00:00Z",
    "MONTH, UTC, 2100-02-28T23:59:59.999Z, 2100-02-01T00:00:00Z, 2100-03-01T00:00:00Z",
    "MONTH, Europe/Berlin, 2026-03-31T22:30:00Z, 2026-03-31T22:00:00Z, 2026-04-30T22:00:00Z",
    "MONTH, Pacific/Apia, 2011-12-30T12:00:00Z, 2011-12-01T10:00:00Z, 2011-12-31T10:00:00Z",
    "DAY, Pacific/Apia, 2011-12-30T09:59:59Z, 2011-12-29T10:00:00Z, 2011-12-30T10:00:00Z",
    "DAY, Europe/Berlin, 2026-10-25T12:00:00Z, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
    "WEEK, America/New_York, 2026-11-01T12:00:00Z, 2026-10-26T04:00:00Z, 2026-11-02T05:00:00Z",
    "WEEK, UTC, 2027-01-01T00:00:00Z, 2026-12-28T00:00:00Z, 2027-01-04T00:00:00Z",
  })
  void window_calendar_isThatOfTheZone(
      CalendarPeriod period, String zone, Instant at, Instant start, Instant end) {
    BudgetWindow window = period.window(at, ZoneId.of(zone));

    assertThat(Instant.ofEpochMilli(window.startMillis())).isEqualTo(start);
    assertThat(Instant.ofEpochMilli(window.endMillis())).isEqualTo(end);
  }

  @ParameterizedTest
  @CsvSource({
    "Asia/Kathmandu, 2026-01-01T00:00:00Z, 2025-12-31T23:15:00Z, 2026-01-01T00:15:00Z",
    // the hour that comes twice is two
    "Europe/Berlin, 2026-10-25T00:30:00Z, 2026-10-25T00:00:00Z, 2026-10-25T01:00:00Z",
    "Europe/Berlin, 2026-10-25T01:30:00Z, 2026-10-25T01:00:00Z, 2026-10-25T02:00:00Z",
    // 02:00 becomes 01:30
    "Australia/Lord_Howe, 2026-04-04T14:45:00Z, 2026-04-04T14:00:00Z, 2026-04-04T15:00:00Z",
    "Australia/Lord_Howe, 2026-04-04T15:10:00Z, 2026-04-04T15:00:00Z, 2026-04-04T15:30:00Z",
    // 02:00 becomes 02:30
    "Australia/Lord_Howe, 2026-10-03T15:45:00Z, 2026-10-03T15:30:00Z, 2026-10-03T16:00:00Z",
  })
  void window_hour_isThatOfTheClocks(String zone, Instant at, Instant start, Instant end) {
    BudgetWindow window = HourPeriod.HOUR.window(at, ZoneId.of(zone));

    assertThat(Instant.ofEpochMilli(window.startMillis())).isEqualTo(start);
    assertThat(Instant.ofEpochMilli(window.endMillis())).isEqualTo(end);
  }

  @Test
  void window_rolling_countsAWholePeriodAndAtMostASliceMore() {
    Duration day = Duration.ofDays(1);
    Random random = new Random(3);
    for (int i = 0; i < 1_000; i++) {
      Instant at = near(ZoneId.of("UTC"), random);
      BudgetWindow window = new RollingPeriod(day).window(at, ZoneId.of("UTC"));

      assertThat(at.toEpochMilli() - window.countsFromMillis())
          .isBetween(day.toMillis(), day.toMillis() * 61 / 60);
    }
  }

  @Test
  void window_lifetime_hasNoEnd() {
    BudgetWindow window = BudgetPeriod.LIFETIME.window(Instant.now(), ZoneId.of("UTC"));

    assertThat(window.end()).isNull();
    assertThat(window.contains(Instant.now().toEpochMilli())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT59.999S", "PT0S", "PT-1H", "P3661D"})
  void rolling_periodOutOfRange_isQuoted(String period) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RollingPeriod(Duration.parse(period)))
        .withMessageContaining(Duration.parse(period).toString());
  }

  /** Moments of fifty years, half of them within a day of a change of the clocks. */
  private static Instant near(ZoneId zone, Random random) {
    Instant at =
        Instant.ofEpochSecond(
            FIRST + random.nextLong(LAST - FIRST), random.nextInt(1_000) * 1_000_000);
    var next = zone.getRules().nextTransition(at);
    return next == null || random.nextBoolean()
        ? at
        : next.getInstant().plusMillis(random.nextLong(2 * 86_400_000L) - 86_400_000L);
  }
}
