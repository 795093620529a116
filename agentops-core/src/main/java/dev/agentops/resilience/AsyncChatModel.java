package dev.agentops.resilience;

import dev.agentops.Clock;
import dev.agentops.event.OpsEventListener;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks a chat model without waiting: the answer is a future, and giving the future up aborts the
 * call.
 *
 * <pre>{@code
 * AsyncChatModel async = AsyncChatModel.of(ops.wrap(model));
 * CompletableFuture<ChatResponse> answer = async.chatAsync(request, Duration.ofSeconds(20));
 * answer.cancel(true); // the provider sees the connection close
 * }</pre>
 *
 * <p>Each call holds one daemon thread, which is interrupted when the call is cancelled or its time
 * is over. LangChain4j's JDK client then closes the connection, be it before the first token; a
 * {@link StreamingChatModel} is cancelled by LangChain4j's handle, which comes with the first
 * chunk. The {@link dev.agentops.Context} of the caller, with its {@link dev.agentops.Deadline}, is
 * carried along.
 *
 * <p>The futures abort their call when they are completed by anyone else: {@code cancel}, {@code
 * completeExceptionally}, {@code orTimeout}. {@code CompletableFuture} does not pass a cancel on to
 * the future that one was derived from; those derived from ours do, through {@code thenApply} and
 * its siblings, but not through {@code allOf} and {@code anyOf}. What is hung on to a future runs
 * on the thread that completes it. Thread-safe.
 */
public final class AsyncChatModel implements AutoCloseable {

  private final Asked model;
  private final WorkQueue queue;

  private AsyncChatModel(Builder from) {
    model = from.model;
    queue = from.queue.build();
  }

  /** The model, with the defaults. */
  public static AsyncChatModel of(ChatModel model) {
    return builder(model).build();
  }

  /** The streaming model, with the defaults. */
  public static AsyncChatModel of(StreamingChatModel model) {
    return builder(model).build();
  }

  public static Builder builder(ChatModel model) {
    Objects.requireNonNull(model, "model");
    return new Builder(model::chat);
  }

  public static Builder builder(StreamingChatModel model) {
    Objects.requireNonNull(model, "model");
    return new Builder(request -> StreamedAnswer.of(model, request));
  }

  /** Asks with one message of a user; see {@link #chatAsync(ChatRequest)}. */
  public CompletableFuture<ChatResponse> chatAsync(String userMessage) {
    return chatAsync(request(userMessage));
  }

  /** Asks with one message of a user; see {@link #chatAsync(ChatRequest, Duration)}. */
  public CompletableFuture<ChatResponse> chatAsync(String userMessage, Duration timeout) {
    return chatAsync(request(userMessage), timeout);
  }

  /**
   * Asks without a time limit but that of the caller's {@link dev.agentops.Deadline}.
   *
   * @return the answer; fails with what the model throws, or with a {@link QueueFullException} if
   *     as many calls as are allowed run and wait already
   */
  public CompletableFuture<ChatResponse> chatAsync(ChatRequest request) {
    return ask(request, null);
  }

  /**
   * Asks, and gives the call up after a time, in the queue or under way.
   *
   * @param timeout for all of it; an earlier deadline of the caller goes before
   * @return the answer; fails as that of {@link #chatAsync(ChatRequest)} does, and with a {@link
   *     TimeoutException} when the time is over
   * @throws IllegalArgumentException if the timeout is not positive
   */
  public CompletableFuture<ChatResponse> chatAsync(ChatRequest request, Duration timeout) {
    return ask(request, Checks.positive("timeout", timeout));
  }

  /** What runs and waits, and what became of the others. */
  public WorkQueueStats stats() {
    return queue.stats();
  }

  /** Takes no more calls, cancels those that wait and aborts those that run. */
  @Override
  public void close() {
    queue.close();
  }

  private CompletableFuture<ChatResponse> ask(ChatRequest request, @Nullable Duration timeout) {
    Objects.requireNonNull(request, "request");
    Job<ChatResponse> job = Job.of(() -> model.chat(request));
    try {
      return queue.submit(timeout == null ? job : job.timeout(timeout));
    } catch (QueueFullException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static ChatRequest request(String userMessage) {
    return ChatRequest.builder().messages(UserMessage.from(userMessage)).build();
  }

  /** A model, streaming or not. */
  @FunctionalInterface
  private interface Asked {

    ChatResponse chat(ChatRequest request) throws Exception;
  }

  /** Configures an {@link AsyncChatModel}. Not thread-safe. */
  public static final class Builder {

    /** {@value}. */
    public static final int DEFAULT_CONCURRENCY = 64;

    private final Asked model;
    private final WorkQueue.Builder queue =
        WorkQueue.builder().named("chat-async").workers(DEFAULT_CONCURRENCY);

    private Builder(Asked model) {
      this.model = model;
    }

    /** What rejections and events call it; {@code chat-async} unless said. */
    public Builder named(String name) {
      queue.named(name);
      return this;
    }

    /** How many calls run at once, each on a thread; {@value #DEFAULT_CONCURRENCY} unless said. */
    public Builder concurrency(int concurrency) {
      queue.workers(Checks.atLeast(1, "concurrency", concurrency));
      return this;
    }

    /**
     * How many calls wait beside those that run; {@value WorkQueue.Builder#DEFAULT_CAPACITY} unless
     * said.
     */
    public Builder capacity(int capacity) {
      queue.capacity(capacity);
      return this;
    }

    /** Adds a listener that is told of each call that is refused or whose time is over. */
    public Builder listener(OpsEventListener listener) {
      queue.listener(listener);
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      queue.clock(clock);
      return this;
    }

    /** Where calls run; on daemon threads that end when idle unless said. Is not shut down. */
    public Builder executor(Executor executor) {
      queue.executor(executor);
      return this;
    }

    public AsyncChatModel build() {
      return new AsyncChatModel(this);
    }
  }
}
