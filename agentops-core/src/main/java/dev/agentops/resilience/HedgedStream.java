package dev.agentops.resilience;

import dev.agentops.Attempt;
import dev.agentops.Clock;
import dev.agentops.Scope;
import dev.agentops.StreamDecorator;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One stream, asked for a second time if the first is slow to begin. */
final class HedgedStream {

  private final Hedge hedge;
  private final Latencies latencies;
  private final Caller caller;
  private final StreamingChatResponseHandler handler;
  private final Consumer<StreamingChatResponseHandler> ask;
  private final long startNanos;
  private final List<Relay> attempts = new ArrayList<>(); // guarded by this
  private int running; // guarded by this
  private @Nullable Throwable toTell; // guarded by this
  private @Nullable Relay winner; // guarded by this
  private boolean failed; // guarded by this
  private volatile Clock.@Nullable Timer timer;

  HedgedStream(
      Hedge hedge,
      Latencies latencies,
      Caller caller,
      StreamingChatResponseHandler handler,
      Consumer<StreamingChatResponseHandler> ask) {
    this.hedge = hedge;
    this.latencies = latencies;
    this.caller = caller;
    this.handler = handler;
    this.ask = ask;
    this.startNanos = hedge.clock().nanoTime();
  }

  void start() {
    Duration delay = hedge.begin(latencies);
    Relay first = begin();
    if (delay != null) {
      timer = hedge.clock().schedule(delay, () -> Background.run(() -> askAgain(delay)));
    }
    try {
      first.ask();
    } catch (Throwable t) {
      first.threw(t);
    }
  }

  private void askAgain(Duration delay) {
    Relay second;
    synchronized (this) {
      if (winner != null || failed || !hedge.take(caller, delay)) {
        return;
      }
      second = begin();
    }
    try {
      second.ask();
    } catch (Throwable t) { // nobody here to catch it
      second.onError(t);
    }
  }

  private synchronized Relay begin() {
    Relay relay = new Relay(attempts.size() + 1);
    attempts.add(relay);
    running++;
    return relay;
  }

  /** Whether this attempt is the one that the caller hears of; the first to bring anything is. */
  private boolean wins(Relay relay) {
    List<Relay> losers;
    synchronized (this) {
      if (winner != null) {
        return winner == relay;
      }
      winner = relay;
      losers = new ArrayList<>(attempts);
    }
    losers.remove(relay);
    latencies.add(Duration.ofNanos(hedge.clock().nanoTime() - startNanos));
    cancelTimer();
    losers.forEach(Relay::giveUp);
    return true;
  }

  /** The error to tell; null where another attempt may still bring an answer, or has. */
  private synchronized @Nullable Throwable lost(Relay relay, Throwable error) {
    running--;
    if (winner != null) {
      return winner == relay ? error : null;
    }
    if (failed) { // the caller has been told
      return null;
    }
    toTell = Hedge.told(toTell, relay.number, error);
    failed = running == 0 || Hedge.ends(relay.number, error);
    return failed ? toTell : null;
  }

  private synchronized boolean isAlone() {
    return attempts.size() == 1;
  }

  private void cancelTimer() {
    Clock.Timer waiting = timer;
    if (waiting != null) {
      waiting.cancel();
    }
  }

  /** Stands between an attempt and the caller's handler. */
  private final class Relay implements StreamDecorator {

    private final int number;
    private final Attempt attempt = Attempt.from(caller.context());
    private volatile @Nullable StreamingHandle handle;
    private volatile boolean over;
    private volatile @Nullable Throwable thrownByHandler;

    Relay(int number) {
      this.number = number;
    }

    void ask() {
      try (Scope ignored = attempt.context(Hedge.attributes(number)).makeCurrent()) {
        ask.accept(this);
      }
    }

    /** On the caller's thread; without effect where the other attempt may still bring an answer. */
    void threw(Throwable error) {
      Throwable told = over ? error : lost(this, error);
      over = true;
      if (told != null) {
        cancelTimer();
        throw Throwables.sneak(told);
      }
    }

    void giveUp() {
      attempt.exchange().breakOff(new CancellationException("another attempt has answered"));
      cancelLoser();
    }

    @Override
    public StreamingChatResponseHandler handler() {
      return handler;
    }

    @Override
    public void relay(Runnable callback) {
      if (!wins(this)) {
        cancelLoser();
      } else if (!over) {
        deliver(callback);
      }
    }

    /** Not the beginning of an answer yet. */
    @Override
    public void onUnmappedRawEvent(Object rawEvent) {
      if (isAlone() && !over) {
        deliver(() -> handler.onUnmappedRawEvent(rawEvent));
      }
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      if (wins(this) && !over) {
        over = true;
        deliver(() -> handler.onCompleteResponse(response));
      }
    }

    @Override
    public void onError(Throwable error) {
      if (error == thrownByHandler) { // which LangChain4j reports and mostly streams on
        deliver(() -> handler.onError(error));
      } else if (!over) {
        over = true;
        Throwable told = lost(this, error);
        if (told != null) {
          cancelTimer();
          deliver(() -> handler.onError(told));
        }
      }
    }

    @Override
    public StreamingHandle handle(StreamingHandle original) {
      handle = original;
      return original;
    }

    private void deliver(Runnable callback) {
      try (Scope ignored = caller.context().makeCurrent()) {
        callback.run();
        thrownByHandler = null;
      } catch (Throwable t) {
        thrownByHandler = t;
        throw t;
      }
    }

    private void cancelLoser() {
      StreamingHandle open = handle;
      if (open != null && !open.isCancelled()) {
        try {
          open.cancel();
        } catch (RuntimeException e) { // not every handle can: what it sends is dropped
          handle = null;
        }
      }
    }
  }
}
