package dev.agentops;

import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** The place of one call among those that follow an answer. Thread-safe. */
final class Following {

  private final LiveAnswer source;
  private volatile @Nullable Runnable onChange;

  Following(LiveAnswer source) {
    this.source = source;
  }

  LiveAnswer source() {
    return source;
  }

  /** Calls this whenever something has come, and once now. */
  void listen(Runnable onChange) {
    this.onChange = onChange;
    onChange.run();
  }

  void changed() {
    Runnable told = onChange;
    if (told != null) {
      told.run();
    }
  }

  void leave() {
    onChange = null;
    source.leave(this);
  }

  /**
   * Waits for the end, at most as long as for the first chunk of a stream.
   *
   * @return null if this call has to ask the model itself after all
   */
  @Nullable Outcome<ChatResponse> await(ModelCall call) {
    CountDownLatch over = new CountDownLatch(1);
    Clock.Timer limit =
        call.ops().clock().schedule(call.ops().firstChunkTimeout(), over::countDown);
    Deadline deadline = Deadline.of(call.callerContext());
    Clock.Timer earlier = deadline == null ? limit : deadline.schedule(over::countDown);
    ProviderExchange.Registration broken = call.exchange().breakOffWith(over::countDown);
    listen(
        () -> {
          if (source.end() != null) {
            over.countDown();
          }
        });
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      limit.cancel();
      earlier.cancel();
      broken.close();
      leave();
    }
    LiveAnswer.End end = source.end();
    if (end == null && Thread.currentThread().isInterrupted()) {
      call.goAlone();
    } else if (end == null) {
      call.waitedInVain();
    }
    return end == null ? null : outcome(call, end);
  }

  /** What the end of the answer is to this call; null if it has to ask the model itself. */
  static @Nullable Outcome<ChatResponse> outcome(ModelCall call, LiveAnswer.End end) {
    ChatResponse answer = end.answer();
    if (answer != null) {
      credit(call, end);
      return Outcome.shortCircuited(Objects.requireNonNull(OwnAnswer.of(answer)));
    }
    Throwable error = end.outcome().error();
    return end.lost() || error == null ? null : Outcome.failed(error);
  }

  /** A call that got its answer from another one has consumed nothing. */
  static void credit(ModelCall call, LiveAnswer.End end) {
    if (!call.cached()) {
      call.markCached(
          CachedAnswer.builder()
              .joined(true)
              .savedReport(end.report())
              .savedCost(end.cost())
              .build());
    }
  }
}
