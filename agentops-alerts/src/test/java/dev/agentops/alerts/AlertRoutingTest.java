package dev.agentops.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.agentops.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is told of which alerts, together with which others, and when again. */
@Timeout(60)
class AlertRoutingTest {

  private static final Duration SOON = Duration.ofSeconds(30); // of real time

  private final TestClock clock = TestClock.create();
  private final List<Notification> chat = new CopyOnWriteArrayList<>();
  private final List<Notification> pager = new CopyOnWriteArrayList<>();
  private final List<AlertManager> opened = new ArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(AlertManager::close);
  }

  @Test
  void alertsOfAGroup_areToldTogetherAfterTheGroupWait() {
    AlertManager alerts = manager(byAgent().build());
    fire(alerts, "Slow", "search");
    fire(alerts, "Failing", "search");
    fire(alerts, "Slow", "writer");
    settle(alerts);
    assertThat(chat).isEmpty();

    pass(alerts, Duration.ofSeconds(30));

    assertThat(chat).hasSize(2);
    assertThat(chat)
        .extracting(Notification::groupKey)
        .containsExactlyInAnyOrder("{}:{agent=\"search\"}", "{}:{agent=\"writer\"}");
    assertThat(chat)
        .filteredOn(notification -> notification.groupLabels().containsValue("search"))
        .singleElement()
        .satisfies(
            notification -> {
              assertThat(names(notification)).containsExactlyInAnyOrder("Failing", "Slow");
              assertThat(notification.commonLabels()).containsEntry("agent", "search");
              assertThat(notification.commonLabels()).doesNotContainKey(Alert.ALERTNAME);
            });
  }

  @Test
  void alertThatJoinsAGroup_isToldAfterTheGroupInterval() {
    AlertManager alerts = manager(byAgent().build());
    fire(alerts, "Slow", "search");
    pass(alerts, Duration.ofSeconds(30));
    fire(alerts, "Failing", "search");
    pass(alerts, Duration.ofMinutes(4));
    assertThat(chat).hasSize(1);

    pass(alerts, Duration.ofMinutes(1));

    assertThat(chat).hasSize(2);
    assertThat(names(chat.get(1))).containsExactlyInAnyOrder("Failing", "Slow");
  }

  @Test
  void groupThatGoesOn_isToldAgainAfterTheRepeatInterval() {
    AlertManager alerts = manager(byAgent().repeatInterval(Duration.ofHours(1)).build());
    for (int minute = 0; minute < 125; minute++) {
      fire(alerts, "Slow", "search");
      pass(alerts, Duration.ofMinutes(1));
    }
    assertThat(chat).hasSize(3); // at once, after an hour, after two
  }

  @Test
  void resolvedAlert_isToldOnce_toThoseWhoWantIt() {
    AlertManager alerts =
        manager(
            byAgent()
                .route(
                    AlertRoute.builder()
                        .receiver("pager")
                        .match("severity=\"critical\"")
                        .continueMatching()
                        .build())
                .route(AlertRoute.builder().receiver("chat").build())
                .build());
    Alert alert = alert("Down", "search").level(AlertLevel.CRITICAL).build();
    alerts.alert(alert);
    pass(alerts, Duration.ofSeconds(30));
    assertThat(alerts.resolve(alert)).isTrue();
    pass(alerts, Duration.ofMinutes(5));
    pass(alerts, Duration.ofHours(1));

    assertThat(chat)
        .extracting(Notification::state)
        .containsExactly(AlertState.FIRING, AlertState.RESOLVED);
    assertThat(pager).extracting(Notification::state).containsExactly(AlertState.FIRING);
    assertThat(alerts.alerts()).isEmpty();
    assertThat(alerts.resolve(alert)).isFalse();
  }

  @Test
  void alertResolvedBeforeAnybodyWasTold_isNotTold() {
    AlertManager alerts = manager(byAgent().build());
    Alert alert = alert("Blip", "search").build();
    alerts.alert(alert);
    alerts.resolve(alert);
    pass(alerts, Duration.ofSeconds(30));
    pass(alerts, Duration.ofMinutes(5));

    assertThat(chat).isEmpty();
  }

  @Test
  void routes_areTriedInOrder_theFirstThatMatchesTakesIt() {
    AlertManager alerts =
        manager(
            byAgent()
                .route(AlertRoute.builder().receiver("pager").match("agent=~\"se.*\"").build())
                .route(AlertRoute.builder().receiver("chat").match("agent=\"search\"").build())
                .build());
    fire(alerts, "Slow", "search");
    fire(alerts, "Slow", "writer");
    pass(alerts, Duration.ofSeconds(30));

    assertThat(pager)
        .extracting(Notification::groupKey)
        .containsExactly("{}/{agent=~\"se.*\"}:{agent=\"search\"}");
    assertThat(chat).extracting(Notification::groupKey).containsExactly("{}:{agent=\"writer\"}");
  }

  @Test
  void receiverWithAMaximum_saysHowManyWereLeftOut() {
    AlertManager alerts =
        AlertManager.builder()
            .clock(clock)
            .receiver(Receiver.builder().name("chat").handler(to(chat)).maxAlerts(2).build())
            .route(AlertRoute.builder().receiver("chat").build())
            .build();
    opened.add(alerts);
    for (int i = 0; i < 5; i++) {
      fire(alerts, "Slow", "agent " + i);
    }
    pass(alerts, Duration.ofSeconds(30));

    assertThat(chat).hasSize(1);
    assertThat(chat.get(0).alerts()).hasSize(2);
    assertThat(chat.get(0).truncatedAlerts()).isEqualTo(3);
  }

  @Test
  void withoutARoute_eachProblemIsToldAtOnceAndOnce() {
    AlertManager alerts = AlertManager.builder().clock(clock).handler(to(chat)).build();
    opened.add(alerts);
    for (int i = 0; i < 100; i++) {
      fire(alerts, "Slow", "search");
      fire(alerts, "Slow", "writer");
    }
    settle(alerts);

    assertThat(chat).hasSize(2);
    assertThat(alerts.alerts()).extracting(each -> each.alert().occurrences()).containsOnly(100L);
    assertThat(alerts.history()).hasSize(2);
  }

  @Test
  void ruleThatThrows_disturbsNeitherTheOthersNorTheCaller() {
    AlertRule broken =
        rule(
            "Broken",
            sink -> {
              throw new IllegalStateException("this rule is broken");
            });
    AlertRule healthy = rule("Healthy", sink -> sink.accept(alert("Slow", "search").build()));
    AlertManager alerts =
        AlertManager.builder().clock(clock).handler(to(chat)).rule(broken).rule(healthy).build();
    opened.add(alerts);
    clock.advance(Duration.ofSeconds(15));

    await().untilAsserted(() -> assertThat(chat).hasSize(1));
    assertThat(alerts.faults()).isPositive();
  }

  @Test
  void configuration_thatCannotBeMeant_isRefusedWithItsNames() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> manager(AlertRoute.builder().receiver("nobody").build()))
        .withMessageContaining("'nobody'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AlertRoute.builder().match("severity=~\"(\""))
        .withMessageContaining("(");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AlertRoute.builder().groupInterval(Duration.ZERO))
        .withMessageContaining("PT0S");
  }

  private AlertManager manager(AlertRoute root) {
    AlertManager alerts =
        AlertManager.builder()
            .clock(clock)
            .receiver(Receiver.builder().name("chat").handler(to(chat)).build())
            .receiver(
                Receiver.builder().name("pager").handler(to(pager)).sendResolved(false).build())
            .resolveTimeout(Duration.ofHours(24))
            .route(root)
            .build();
    opened.add(alerts);
    return alerts;
  }

  private static AlertRoute.Builder byAgent() {
    return AlertRoute.builder().receiver("chat").groupBy("agent");
  }

  private static NotificationHandler to(List<Notification> list) {
    return list::add;
  }

  private void fire(AlertManager alerts, String name, String agent) {
    alerts.alert(alert(name, agent).build());
  }

  private Alert.Builder alert(String name, String agent) {
    return Alert.builder()
        .level(AlertLevel.WARNING)
        .name(name)
        .message(name + " " + agent)
        .label("agent", agent)
        .timestamp(clock.now());
  }

  private void pass(AlertManager alerts, Duration time) {
    settle(alerts);
    clock.advance(time);
    settle(alerts);
  }

  /** Until all that is due was handled; what waits for its time goes on waiting. */
  private static void settle(AlertManager alerts) {
    assertThat(alerts.settle(SOON)).isTrue();
    await().until(() -> alerts.stats().pending() == 0);
  }

  private static AlertRule rule(String name, Consumer<Consumer<Alert>> evaluation) {
    return new AlertRule() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public void evaluate(Instant now, Consumer<Alert> alerts) {
        evaluation.accept(alerts);
      }
    };
  }

  private static List<String> names(Notification notification) {
    return notification.alerts().stream()
        .map(alert -> alert.labels().get(Alert.ALERTNAME))
        .toList();
  }
}
