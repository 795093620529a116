package dev.agentops.resilience;

import dev.agentops.Clock;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks a model, or any function, for many items, so many at once, and tells what became of each.
 *
 * <pre>{@code
 * Batch<String, ChatResponse> batch = Batch.texts(ops.wrap(model)).concurrency(16).build();
 * BatchResult<String, ChatResponse> result = batch.run(questions);
 * if (!result.allSucceeded()) {
 *   result = result.retryFailed();
 * }
 * }</pre>
 *
 * <p>An item that throws fails alone. One that is refused by a limit which says when to come back
 * ({@link dev.agentops.CallRejectedException#retryAfter()}) waits and goes on; errors of providers
 * are not retried here: put a retry around the model. All calls run in the caller's {@link
 * dev.agentops.Context}, with an id of the batch as attribute {@value #ID}, on daemon threads or an
 * executor of yours. A {@link dev.agentops.Deadline} of the caller ends the batch as its own {@link
 * Builder#timeout} does. Immutable and thread-safe: a batch may run many times, and at once.
 *
 * @param <T> what goes in
 * @param <R> what comes out
 */
public final class Batch<T, R> {

  /** The attribute that all calls of one batch share: {@value}. */
  public static final String ID = "agentops.batch.id";

  private final BatchSettings<T, R> settings;

  private Batch(Builder<T, R> from) {
    settings = new BatchSettings<>(from);
  }

  /** A batch of requests, with the defaults. */
  public static Batch<ChatRequest, ChatResponse> of(ChatModel model) {
    return requests(model).build();
  }

  /** Starts a batch of requests. */
  public static Builder<ChatRequest, ChatResponse> requests(ChatModel model) {
    Objects.requireNonNull(model, "model");
    return mapping(model::chat);
  }

  /** Starts a batch of texts, each the one message of a user. */
  public static Builder<String, ChatResponse> texts(ChatModel model) {
    Objects.requireNonNull(model, "model");
    return mapping(text -> model.chat(request(text)));
  }

  /** Starts a batch of anything, such as a method of an AI service. */
  public static <T, R> Builder<T, R> mapping(Function<T, R> function) {
    return new Builder<>(Objects.requireNonNull(function, "function"));
  }

  /**
   * Runs all items and waits for them.
   *
   * @return each item in the order of the inputs, be it that it failed
   * @throws InterruptedException if the thread is interrupted, which cancels the batch
   */
  public BatchResult<T, R> run(Collection<? extends T> inputs) throws InterruptedException {
    return start(inputs).join();
  }

  /** Runs all items and does not wait for them. */
  public BatchRun<T, R> start(Collection<? extends T> inputs) {
    List<T> list = new ArrayList<>(inputs);
    for (int i = 0; i < list.size(); i++) {
      Objects.requireNonNull(list.get(i), "item " + i);
    }
    BatchRun<T, R> run = new BatchRun<>(this, settings, Collections.unmodifiableList(list));
    run.start();
    return run;
  }

  /**
   * Runs the items of a source of any length, and hands each to the consumer in the order of the
   * source, on the calling thread, until all had their turn. The source is read as far ahead as
   * {@link Builder#window} says; by the workers, but one at a time. Of a stream, give {@code
   * stream.iterator()}.
   *
   * @return how it ended; an item that failed is no reason to throw
   * @throws InterruptedException if the thread is interrupted, which cancels the batch
   * @throws RuntimeException what the source or the consumer throws, which cancels the batch
   */
  public BatchSummary forEach(
      Iterator<? extends T> source, Consumer<? super BatchItem<T, R>> consumer)
      throws InterruptedException {
    return feed(source, consumer, true);
  }

  /**
   * As {@link #forEach}, with each item as soon as it is ready.
   *
   * @throws InterruptedException if the thread is interrupted, which cancels the batch
   */
  public BatchSummary forEachAsReady(
      Iterator<? extends T> source, Consumer<? super BatchItem<T, R>> consumer)
      throws InterruptedException {
    return feed(source, consumer, false);
  }

  private BatchSummary feed(
      Iterator<? extends T> source, Consumer<? super BatchItem<T, R>> consumer, boolean ordered)
      throws InterruptedException {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(consumer, "consumer");
    BatchFeed<T, R> feed = new BatchFeed<>(ordered);
    BatchEngine<T, R> engine = new BatchEngine<>(settings, source, null, settings.window(), feed);
    boolean completed = false;
    try {
      engine.start();
      for (BatchItem<T, R> item = feed.take(); item != null; item = feed.take()) {
        consumer.accept(item);
        engine.consumed();
      }
      completed = true;
    } finally {
      if (!completed) {
        engine.stop(BatchSummary.End.CANCELLED);
      }
    }
    Throwable failure = engine.failure();
    if (failure != null) {
      throw Throwables.sneak(failure);
    }
    return engine.summary();
  }

  private static ChatRequest request(String text) {
    return ChatRequest.builder().messages(UserMessage.from(text)).build();
  }

  /**
   * Configures a {@link Batch}. Not thread-safe.
   *
   * @param <T> what goes in
   * @param <R> what comes out
   */
  public static final class Builder<T, R> {

    /** {@value}. */
    public static final int DEFAULT_CONCURRENCY = 8;

    /** {@value}. */
    public static final int DEFAULT_WINDOW = 64;

    /** {@value} seconds. */
    public static final long DEFAULT_MAX_LIMIT_WAIT_SECONDS = 60;

    final Function<T, R> function;
    int concurrency = DEFAULT_CONCURRENCY;
    int window = DEFAULT_WINDOW;
    boolean failFast;
    Duration maxLimitWait = Duration.ofSeconds(DEFAULT_MAX_LIMIT_WAIT_SECONDS);
    @Nullable Duration timeout;
    Consumer<BatchSummary> progress = summary -> {};
    Executor executor = DaemonThreads.shared();
    Clock clock = Clock.system();

    private Builder(Function<T, R> function) {
      this.function = function;
    }

    /** How many items run at once; {@value #DEFAULT_CONCURRENCY} unless said. */
    public Builder<T, R> concurrency(int concurrency) {
      this.concurrency = Checks.atLeast(1, "concurrency", concurrency);
      return this;
    }

    /**
     * How many items of {@link Batch#forEach} may be begun and not consumed, and at least as many
     * as run at once; {@value #DEFAULT_WINDOW} unless said.
     */
    public Builder<T, R> window(int window) {
      this.window = Checks.atLeast(1, "window", window);
      return this;
    }

    /** Ends the batch with the first item that fails; unless said, it goes on. */
    public Builder<T, R> failFast() {
      this.failFast = true;
      return this;
    }

    /**
     * How long an item may wait, all in all, for limits that refuse it, before it fails; {@value
     * #DEFAULT_MAX_LIMIT_WAIT_SECONDS} seconds unless said, zero for not at all. It waits on its
     * worker, and never past a deadline: the first one as long as the refusal says, and 10 ms,
     * doubled each time, where that is less; the others behind it. A refusal that says to come back
     * later than this, as that of a daily budget, fails the item at once, and so does one that does
     * not say when, as that of a concurrency limit: let that limit itself wait.
     */
    public Builder<T, R> maxLimitWait(Duration maxWait) {
      this.maxLimitWait = Checks.notNegative("maxLimitWait", maxWait);
      return this;
    }

    /**
     * How long the batch may take; then what runs is interrupted, and the rest is not begun. As
     * long as it takes unless said.
     */
    public Builder<T, R> timeout(Duration timeout) {
      this.timeout = Checks.positive("timeout", timeout);
      return this;
    }

    /**
     * Is told after each item, by its worker, one at a time, and should be quick: the batch waits
     * for it, but for a second only once it was cancelled or its time was over. What it throws is
     * logged and ignored.
     */
    public Builder<T, R> progress(Consumer<BatchSummary> progress) {
      this.progress = Objects.requireNonNull(progress, "progress");
      return this;
    }

    /**
     * Where items run; on daemon threads that end when idle unless said. One task for each worker;
     * is not shut down.
     */
    public Builder<T, R> executor(Executor executor) {
      this.executor = Objects.requireNonNull(executor, "executor");
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder<T, R> clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public Batch<T, R> build() {
      return new Batch<>(this);
    }
  }
}
