package dev.agentops.http;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, which can end with an error of ours: to cancel the subscription alone
 * leaves a reader waiting that is blocked already.
 */
final class BreakableBody<T> implements BodySubscriber<T> {

  private final BodySubscriber<T> delegate;
  private final Runnable whenOver;

  /** Held while the delegate is told something: a subscriber is told one thing at a time. */
  private final ReentrantLock telling = new ReentrantLock();

  private boolean subscribed; // guarded by telling
  private boolean over; // guarded by telling
  private volatile boolean brokenOff;
  private volatile Flow.@Nullable Subscription subscription;

  /**
   * The body that this subscriber reads.
   *
   * @param whenOver runs at its end, also when the reader wants no more of it; perhaps twice
   */
  BreakableBody(BodySubscriber<T> delegate, Runnable whenOver) {
    this.delegate = delegate;
    this.whenOver = whenOver;
  }

  /** Ends the body here and now, or after what the delegate is being told. */
  void breakOff() {
    brokenOff = true;
    Flow.Subscription open = subscription;
    if (open != null) {
      open.cancel();
    }
    endIfBrokenOff();
  }

  @Override
  public CompletionStage<T> getBody() {
    return delegate.getBody();
  }

  @Override
  public void onSubscribe(Flow.Subscription opened) {
    subscription = opened;
    tell(
        () -> {
          subscribed = true;
          delegate.onSubscribe(new Watched(opened));
        });
    if (brokenOff) {
      opened.cancel();
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    tell(() -> delegate.onNext(buffers));
  }

  @Override
  public void onError(Throwable failure) {
    tell(
        () -> {
          over = true;
          delegate.onError(failure);
        });
    whenOver.run();
  }

  @Override
  public void onComplete() {
    tell(
        () -> {
          over = true;
          delegate.onComplete();
        });
    whenOver.run();
  }

  private void tell(Runnable signal) {
    telling.lock();
    try {
      if (!over) {
        signal.run();
      }
    } finally {
      telling.unlock();
    }
    endIfBrokenOff();
  }

  /** Whoever is telling the delegate something looks here again afterwards. */
  private void endIfBrokenOff() {
    if (!brokenOff || telling.isHeldByCurrentThread() || !telling.tryLock()) {
      return;
    }
    try {
      if (subscribed && !over) {
        over = true;
        delegate.onError(new IOException(new BrokenOffException()));
      }
    } finally {
      telling.unlock();
    }
    whenOver.run();
  }

  /** A subscription that tells when its reader closes it. */
  private final class Watched implements Flow.Subscription {

    private final Flow.Subscription open;

    Watched(Flow.Subscription open) {
      this.open = open;
    }

    @Override
    public void request(long n) {
      open.request(n);
    }

    @Override
    public void cancel() {
      open.cancel();
      whenOver.run();
    }
  }
}
