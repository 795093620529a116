package dev.agentops.examples.llm;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the server is doing: its counters, and the pauses that its closing cuts short. */
final class Activity {
  private final AtomicLong requests = new AtomicLong();
  private final AtomicInteger openStreams = new AtomicInteger();
  private final AtomicLong abortedStreams = new AtomicLong();
  private final CountDownLatch closing = new CountDownLatch(1);

  void requestArrived() {
    requests.incrementAndGet();
  }

  void streamOpened() {
    openStreams.incrementAndGet();
  }

  /** Counts the abort first, so that whoever sees no open stream also sees the abort. */
  void streamEnded(boolean aborted) {
    if (aborted) {
      abortedStreams.incrementAndGet();
    }
    openStreams.decrementAndGet();
  }

  long requests() {
    return requests.get();
  }

  int openStreams() {
    return openStreams.get();
  }

  long abortedStreams() {
    return abortedStreams.get();
  }

  /** Waits that long; false at once if the server is closing or the thread is interrupted. */
  boolean pause(Duration duration) {
    try {
      return !closing.await(duration.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  void close() {
    closing.countDown();
  }
}
