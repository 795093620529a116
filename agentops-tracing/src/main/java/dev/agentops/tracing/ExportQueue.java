package dev.agentops.tracing;

import dev.agentops.Clock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The way of spans to one exporter: a queue that is bounded in bytes, and a thread that sends
 * batches and tries again, later each time, while the other side is away.
 *
 * <p>When the queue is full, the oldest spans go: after an outage, the latest matter most.
 */
final class ExportQueue {

  private static final int BATCH = 512;
  private static final Duration DELAY = Duration.ofSeconds(1);
  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);
  private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(1);

  private final SpanExporter exporter;
  private final Tracer tracer;
  private final Clock clock;
  private final long maximumBytes;
  private final Thread worker;
  private final LongAdder exported = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // the rest is guarded by the lock
  private final Deque<StoredSpans.Entry> queue = new ArrayDeque<>();
  private long bytes;
  private int sending;
  private int failures;
  private boolean waits;
  private boolean hurry;
  private boolean closed;
  private boolean abandoned;
  private Clock.@Nullable Timer timer;

  ExportQueue(SpanExporter exporter, Tracer tracer, Clock clock, long maximumBytes) {
    this.exporter = exporter;
    this.tracer = tracer;
    this.clock = clock;
    this.maximumBytes = maximumBytes;
    worker = new Thread(this::work, "agentops-export");
    worker.setDaemon(true);
  }

  void start() {
    worker.start();
  }

  void offer(List<Span> spans) {
    lock.lock();
    try {
      for (Span span : spans) {
        StoredSpans.Entry entry = StoredSpans.Entry.of(span);
        if (entry.bytes() > maximumBytes) { // it would push out everything, and then itself
          lost.increment();
          continue;
        }
        queue.add(entry);
        bytes += entry.bytes();
      }
      while (bytes > maximumBytes) {
        bytes -= queue.remove().bytes();
        lost.increment();
      }
      if (failures == 0 && !waits && !queue.isEmpty()) {
        waitFor(DELAY);
      }
      if (failures == 0 && queue.size() >= BATCH) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** How many spans were sent. */
  long exportedSpans() {
    return exported.sum();
  }

  /** How many spans were given up: the queue was full, or the exporter refused them for good. */
  long lostSpans() {
    return lost.sum();
  }

  /** How many spans wait to be sent. */
  int waitingSpans() {
    lock.lock();
    try {
      return queue.size() + sending;
    } finally {
      lock.unlock();
    }
  }

  /** Sends what waits now; true if nothing does any more. */
  boolean flush(long nanos) {
    lock.lock();
    try {
      hurry = true;
      changed.signalAll();
      long left = nanos;
      while ((!queue.isEmpty() || sending > 0) && hurry && left > 0) {
        left = changed.awaitNanos(left);
      }
      return queue.isEmpty() && sending == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Tells the thread to send what it can and to end. */
  void stop() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the thread to end, and counts what could not be sent as lost. */
  void close(long nanos) {
    stop();
    try {
      TimeUnit.NANOSECONDS.timedJoin(worker, Math.max(1_000_000, nanos));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    lock.lock();
    try {
      lost.add(queue.size() + (long) sending); // the exporter hangs with a batch
      abandoned = sending > 0;
      queue.clear();
      bytes = 0;
      if (timer != null) {
        timer.cancel();
      }
    } finally {
      lock.unlock();
    }
    try {
      exporter.close();
    } catch (Throwable t) {
      tracer.report("closing the exporter " + exporter.getClass().getName(), t);
    }
  }

  private void work() {
    while (true) {
      List<Span> batch = nextBatch();
      if (batch.isEmpty()) {
        return;
      }
      sent(batch, send(batch));
    }
  }

  /** Waits until there is something to send; empty when all is done. */
  private List<Span> nextBatch() {
    lock.lock();
    try {
      while (!isDue()) {
        if (closed) {
          return List.of();
        }
        changed.awaitUninterruptibly();
      }
      waits = false;
      List<Span> batch = new ArrayList<>(Math.min(BATCH, queue.size()));
      for (StoredSpans.Entry next = queue.poll(); next != null; next = queue.poll()) {
        batch.add(next.span());
        bytes -= next.bytes();
        if (batch.size() == BATCH) {
          break;
        }
      }
      sending = batch.size();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private boolean isDue() {
    if (queue.isEmpty()) {
      return false;
    }
    return closed || hurry || !waits || (failures == 0 && queue.size() >= BATCH);
  }

  private Result send(List<Span> batch) {
    try {
      exporter.export(List.copyOf(batch));
    } catch (IOException e) {
      tracer.report("exporter " + exporter.getClass().getName(), e);
      return Result.LATER;
    } catch (Throwable t) {
      tracer.report("exporter " + exporter.getClass().getName(), t);
      return Result.NEVER;
    }
    try {
      if (isLastInAHurry()) {
        exporter.flush();
      }
    } catch (Throwable t) { // it has the batch
      tracer.report("flushing the exporter " + exporter.getClass().getName(), t);
    }
    return Result.SENT;
  }

  private boolean isLastInAHurry() {
    lock.lock();
    try {
      return (hurry || closed) && queue.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private void sent(List<Span> batch, Result result) {
    lock.lock();
    try {
      sending = 0;
      if (abandoned) { // counted as lost already
        return;
      }
      if (result == Result.LATER && !closed) {
        putBack(batch);
        failures++;
        hurry = false; // whoever hurries hears that it did not work
        waitFor(backoff());
      } else {
        (result == Result.SENT ? exported : lost).add(batch.size());
        failures = 0;
        if (queue.isEmpty()) {
          hurry = false;
        } else {
          waitFor(DELAY);
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void putBack(List<Span> batch) {
    for (int i = batch.size() - 1; i >= 0; i--) {
      StoredSpans.Entry entry = StoredSpans.Entry.of(batch.get(i));
      if (bytes + entry.bytes() > maximumBytes) { // filled up meanwhile: the oldest go
        lost.add(i + 1L);
        return;
      }
      queue.addFirst(entry);
      bytes += entry.bytes();
    }
  }

  /** Twice as long each time, and not at the same time as everybody else. */
  private Duration backoff() {
    long doubled = FIRST_BACKOFF.toMillis() << Math.min(failures - 1, 16);
    long millis = Math.min(LONGEST_BACKOFF.toMillis(), doubled);
    return Duration.ofMillis(millis - ThreadLocalRandom.current().nextLong(millis / 5 + 1));
  }

  private void waitFor(Duration delay) {
    waits = true;
    if (timer != null) {
      timer.cancel();
    }
    timer = clock.schedule(delay, this::due);
  }

  private void due() {
    lock.lock();
    try {
      waits = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private enum Result {
    SENT,
    LATER,
    NEVER
  }
}
