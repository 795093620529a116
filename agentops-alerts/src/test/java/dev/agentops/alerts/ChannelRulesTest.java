package dev.agentops.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.TestClock;
import dev.agentops.ratelimit.RateLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a handler says of itself and of its failures is kept. */
@Timeout(60)
class ChannelRulesTest {

  private final TestClock clock = TestClock.create();
  private final List<Instant> attempts = new CopyOnWriteArrayList<>();
  private AlertManager alerts = AlertManager.builder().clock(clock).build();

  @AfterEach
  void close() {
    alerts.close();
  }

  @Test
  void permanentFailure_isNotTriedAgain() {
    deliverTo(
        new Channel() {
          @Override
          public void deliver(Notification notification) {
            super.deliver(notification);
            throw DeliveryException.permanent("no such channel", null);
          }
        });
    fire("Down");

    await().until(() -> alerts.stats().failed() == 1);
    assertThat(attempts).hasSize(1);
  }

  @Test
  void retryAfter_isWaitedFor() {
    deliverTo(
        new Channel() {
          @Override
          public void deliver(Notification notification) {
            super.deliver(notification);
            if (attempts.size() == 1) {
              throw DeliveryException.retryAfter(Duration.ofSeconds(40), "too many messages");
            }
          }
        });
    fire("Down");
    await().until(() -> attempts.size() == 1);

    await().until(() -> advanceUntilDelivered(Duration.ofSeconds(1)));

    assertThat(Duration.between(attempts.get(0), attempts.get(1)))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(40));
  }

  @Test
  void limits_areNotExceededInAnyWindow() {
    deliverTo(
        new Channel() {
          @Override
          public Optional<RateLimits> limits() {
            return Optional.of(RateLimits.builder().requestsPerMinute(20).burst(1).build());
          }
        });
    for (int i = 0; i < 50; i++) {
      fire("Down " + i);
    }

    await()
        .until(
            () -> {
              clock.advance(Duration.ofMillis(500));
              return alerts.stats().delivered() == 50;
            });

    for (int i = 20; i < attempts.size(); i++) {
      assertThat(Duration.between(attempts.get(i - 20), attempts.get(i)))
          .isGreaterThanOrEqualTo(Duration.ofMinutes(1));
    }
  }

  @Test
  void parts_areDeliveredEachByItself() {
    List<Notification> seen = new CopyOnWriteArrayList<>();
    deliverTo(
        new Channel() {
          @Override
          public void deliver(Notification notification) {
            seen.add(notification);
          }

          @Override
          public List<Notification> split(Notification notification) {
            return notification.alerts().stream()
                .map(alert -> notification.toBuilder().alerts(List.of(alert)).build())
                .toList();
          }
        });
    fireThree();

    assertThat(seen).hasSize(3).allMatch(part -> part.alerts().size() == 1);
  }

  @Test
  void split_thatLosesAnAlert_isNotUsed() {
    List<Notification> seen = new CopyOnWriteArrayList<>();
    deliverTo(
        new Channel() {
          @Override
          public void deliver(Notification notification) {
            seen.add(notification);
          }

          @Override
          public List<Notification> split(Notification notification) {
            return List.of();
          }
        });
    fireThree();

    assertThat(seen).singleElement().satisfies(whole -> assertThat(whole.alerts()).hasSize(3));
  }

  @Test
  void handlerThatHangs_isInterruptedAtItsTimeout() {
    CountDownLatch interrupted = new CountDownLatch(1);
    deliverTo(
        new Channel() {
          @Override
          public void deliver(Notification notification) {
            super.deliver(notification);
            if (attempts.size() == 1) {
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                interrupted.countDown();
                throw new IllegalStateException("interrupted", e);
              }
            }
          }
        });
    fire("Down");
    await().until(() -> attempts.size() == 1);

    await().until(() -> advanceUntilDelivered(Duration.ofSeconds(5)));

    assertThat(interrupted.getCount()).isZero();
    assertThat(attempts).hasSize(2);
  }

  private boolean advanceUntilDelivered(Duration step) {
    clock.advance(step);
    return alerts.stats().delivered() == 1;
  }

  private void deliverTo(AlertHandler handler) {
    alerts.close();
    alerts =
        AlertManager.builder()
            .clock(clock)
            .receiver(Receiver.builder().name("channel").handler(handler).build())
            .route(AlertRoute.builder().receiver("channel").groupBy("severity", "name").build())
            .build();
  }

  private void fire(String name) {
    alerts.alert(
        Alert.builder()
            .level(AlertLevel.ERROR)
            .message(name)
            .label("name", name)
            .timestamp(clock.now())
            .build());
    assertThat(alerts.settle(Duration.ofSeconds(30))).isTrue();
    clock.advance(Duration.ofSeconds(30)); // the group's wait
  }

  private void fireThree() {
    for (String name : List.of("a", "b", "c")) {
      alerts.alert(
          Alert.builder().level(AlertLevel.ERROR).message(name).timestamp(clock.now()).build());
    }
    assertThat(alerts.flush(Duration.ofSeconds(30))).isTrue();
  }

  /** A channel that takes everything. */
  private abstract class Channel implements NotificationHandler {

    @Override
    public void deliver(Notification notification) {
      attempts.add(clock.now());
    }

    @Override
    public String name() {
      return "channel";
    }
  }
}
