package dev.agentops.alerts;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import dev.agentops.event.OpsEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the rules at their intervals, on a daemon thread of its own. A rule that throws is asked
 * again next time; one that hangs is interrupted and left to its thread, and the others go on with
 * a new one. Thread-safe.
 */
final class RuleRunner {

  /** How long a rule may take. */
  static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(AlertManager.class);
  private static final Duration RESEND_DELAY = Duration.ofMinutes(1);

  private final List<Task> tasks;
  private final Consumer<Alert> alerts;
  private final Clock clock;
  private final FaultLog faults;

  // guarded by this
  private @Nullable Worker worker;
  private boolean closed;

  /** Starts its thread, unless there are no rules. */
  RuleRunner(List<AlertRule> rules, Consumer<Alert> alerts, Clock clock, FaultLog faults) {
    this.alerts = alerts;
    this.clock = clock;
    this.faults = faults;
    tasks = rules.stream().map(Task::new).toList();
    if (!tasks.isEmpty()) {
      startWorker();
      tasks.forEach(Task::schedule);
    }
  }

  /** Tells the rules of an event, on the thread of the agent. */
  void onEvent(OpsEvent event) {
    for (Task task : tasks) {
      try {
        task.rule.onEvent(event, alerts);
      } catch (Throwable t) {
        faults.report(task.name, t);
      }
    }
  }

  synchronized void close() {
    closed = true;
    tasks.forEach(Task::cancel);
    if (worker != null) {
      worker.thread.interrupt();
    }
    notifyAll();
  }

  private synchronized void startWorker() {
    Worker next = new Worker();
    worker = next;
    next.thread.start();
  }

  /** Waits for a rule whose turn it is; null when this worker has no more to do. */
  private synchronized @Nullable Task next(Worker asking) {
    while (worker == asking && !closed) {
      for (Task task : tasks) {
        if (task.due && !task.running) {
          task.due = false;
          task.running = true;
          return task;
        }
      }
      try {
        wait();
      } catch (InterruptedException e) {
        // left behind by a rule, or by close(): looks again
      }
    }
    return null;
  }

  private synchronized void ran(Task task) {
    task.running = false;
  }

  private synchronized void makeDue(Task task) {
    task.due = true;
    notifyAll();
  }

  /** Takes the rules away from a worker that does not come back from one. */
  private synchronized void giveUp(Worker hanging, Task task) {
    if (worker == hanging && task.running && !closed) {
      LOG.warn("{} takes longer than {}: it is interrupted, the others go on", task.name, TIMEOUT);
      startWorker();
      hanging.thread.interrupt();
    }
  }

  /** A rule and its time. */
  private final class Task {

    private final AlertRule rule;
    private final String name;
    private final Duration interval;
    private final Duration validity;

    // guarded by the runner
    private boolean due;
    private boolean running;
    private Clock.@Nullable Timer timer;

    Task(AlertRule rule) {
      this.rule = rule;
      this.name = "alert rule '" + rule.name() + "'";
      this.interval = rule.interval();
      if (interval.isNegative() || interval.isZero()) {
        throw new IllegalArgumentException(
            "the interval of " + name + " must be positive: " + interval);
      }
      Duration longer = interval.compareTo(RESEND_DELAY) > 0 ? interval : RESEND_DELAY;
      this.validity = longer.multipliedBy(4);
    }

    void schedule() {
      synchronized (RuleRunner.this) {
        if (!closed) {
          timer = clock.schedule(interval, this::tick);
        }
      }
    }

    void cancel() {
      if (timer != null) {
        timer.cancel();
      }
    }

    private void tick() {
      makeDue(this);
      schedule();
    }

    /** Alerts that name no end hold, as in Prometheus, until the rule was asked four times more. */
    private void evaluate() {
      Instant now = clock.now();
      rule.evaluate(
          now,
          alert -> {
            Objects.requireNonNull(alert, () -> name + " told null");
            boolean open = alert.state() == AlertState.FIRING && alert.endsAt().isEmpty();
            alerts.accept(
                open
                    ? alert.as(
                        alert.state(), alert.startsAt(), now.plus(validity), alert.occurrences())
                    : alert);
          });
    }
  }

  /** A thread that asks rules, one after the other. */
  private final class Worker {

    private final Thread thread = new Thread(this::run, "agentops-alerts-rules");

    Worker() {
      thread.setDaemon(true);
    }

    private void run() {
      for (Task task = next(this); task != null; task = next(this)) {
        Task asked = task;
        Clock.Timer patience = clock.schedule(TIMEOUT, () -> giveUp(this, asked));
        try {
          task.evaluate();
        } catch (Throwable t) { // an Error too: one bad rule must not end the others
          faults.report(task.name, t);
        } finally {
          patience.cancel();
          ran(task);
          Thread.interrupted(); // whatever the rule left behind
        }
      }
    }
  }
}
