package dev.agentops.tracing;

import dev.agentops.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a trace after it has ended, on a background thread: the tail sampler decides, the
 * redactor cleans, the store keeps, the exporters send.
 *
 * <p>A reader does not wait for that thread: it does the work itself, so that spans are visible as
 * soon as they are closed.
 */
final class Pipeline {

  private static final int MAXIMUM_WAITING = 10_000;
  private static final int WAKE_AT = 256;
  private static final long IDLE_NANOS = 500_000_000L;

  private final Tracer tracer;
  private final SpanStore store;
  private final @Nullable TailSampler tailSampler;
  private final List<ExportQueue> exports;
  private final Queue<TraceState> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Thread worker;
  private volatile boolean closed;

  Pipeline(
      Tracer tracer,
      SpanStore store,
      @Nullable TailSampler tailSampler,
      List<ExportQueue> exports) {
    this.tracer = tracer;
    this.store = store;
    this.tailSampler = tailSampler;
    this.exports = exports;
    worker = new Thread(this::work, "agentops-tracing");
    worker.setDaemon(true);
  }

  void start() {
    worker.start();
    exports.forEach(ExportQueue::start);
  }

  /** Takes a trace that has ended, or some more of it. */
  void offer(TraceState trace) {
    int before = size.get();
    if (before >= MAXIMUM_WAITING) {
      tracer.drops().drop(trace, DropReason.QUEUE_FULL);
      return;
    }
    size.incrementAndGet();
    waiting.add(trace);
    if (before == WAKE_AT) { // else it wakes soon enough by itself
      LockSupport.unpark(worker);
    }
  }

  /** Does what is waiting; when this returns, it is in the store and handed to the exporters. */
  void drain() {
    if (lock.isHeldByCurrentThread()) { // a rule or a store that reads the tracer
      return;
    }
    lock.lock();
    try {
      drain(Long.MAX_VALUE);
    } finally {
      lock.unlock();
    }
  }

  /** Drains, and waits for the exporters; true if all has been sent in time. */
  boolean flush(Duration timeout) {
    long deadline = deadline(timeout);
    boolean all = drainUntil(deadline);
    for (ExportQueue export : exports) {
      all &= export.flush(left(deadline));
    }
    return all;
  }

  /** As {@link #flush}; what cannot be done in time is dropped and counted. */
  void close(Duration timeout) {
    long deadline = deadline(timeout);
    closed = true;
    LockSupport.unpark(worker);
    drainUntil(deadline);
    for (TraceState next = waiting.poll(); next != null; next = waiting.poll()) {
      tracer.drops().drop(next, DropReason.CLOSED);
    }
    exports.forEach(ExportQueue::stop);
    exports.forEach(export -> export.close(left(deadline)));
  }

  private static long deadline(Duration timeout) {
    return System.nanoTime() + Clock.nanos(timeout);
  }

  private static long left(long deadline) {
    return Math.max(0, deadline - System.nanoTime());
  }

  /** True if nothing waits any more. */
  private boolean drainUntil(long deadline) {
    try {
      if (!lock.tryLock(left(deadline), TimeUnit.NANOSECONDS)) {
        return false;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    try {
      return drain(deadline);
    } finally {
      lock.unlock();
    }
  }

  private boolean drain(long deadline) {
    for (TraceState next = waiting.poll(); next != null; next = waiting.poll()) {
      size.decrementAndGet();
      process(next);
      if (deadline != Long.MAX_VALUE && left(deadline) == 0) {
        return waiting.isEmpty();
      }
    }
    return true;
  }

  private void work() {
    while (!closed) {
      drain();
      if (Thread.interrupted()) { // a mark that a store has left would keep it from parking
        continue;
      }
      LockSupport.parkNanos(this, IDLE_NANOS);
    }
  }

  private void process(TraceState trace) {
    List<TraceContext> ended = trace.spans(TraceContext::handOver);
    if (ended.isEmpty()) { // taken with an earlier part
      return;
    }
    try {
      List<Span> spans = new ArrayList<>(ended.size());
      ended.forEach(span -> spans.add(span.toSpan()));
      if (keeps(trace, spans)) {
        spans.replaceAll(span -> tracer.content().cleaned(span));
        keep(List.copyOf(spans));
      } else {
        ended.forEach(tracer.drops().of(DropReason.TAIL_NOT_SAMPLED)::add);
      }
    } catch (Throwable t) {
      ended.forEach(tracer.drops().of(DropReason.FAILED)::add);
      tracer.report("processing a trace", t);
    } finally {
      ended.forEach(TraceContext::forget); // its children may still hold it as their parent
    }
  }

  private boolean keeps(TraceState trace, List<Span> spans) {
    if (tailSampler == null) {
      return true;
    }
    if (trace.isDropped()) {
      return false;
    }
    if (trace.keep()) { // the first part of it: decide
      boolean keeps = tailSampler.keeps(Trace.of(spans, scores(trace.id())), trace.idLow());
      if (!keeps) {
        trace.drop();
      }
      return keeps;
    }
    return true;
  }

  private List<Score> scores(String traceId) {
    try {
      return store.scores(traceId);
    } catch (Throwable t) {
      tracer.report("reading the scores of a trace", t);
      return List.of();
    }
  }

  private void keep(List<Span> spans) {
    try {
      store.add(spans);
    } catch (Throwable t) { // an OutOfMemoryError of a store, too, must not end this thread
      spans.forEach(tracer.drops().of(DropReason.STORE_FAILED)::add);
      tracer.report("span store " + store.getClass().getName(), t);
    }
    exports.forEach(export -> export.offer(spans));
  }
}
