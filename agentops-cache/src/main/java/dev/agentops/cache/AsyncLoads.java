package dev.agentops.cache;

import dev.agentops.Clock;
import dev.agentops.Scope;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests as {@link Loads} does, together with it, and without a thread that waits: stores
 * are asked by a few of the cache's threads, loaders called and ends told by others, of which there
 * are as many as it takes. Thread-safe.
 */
final class AsyncLoads<V> {

  private final Loads<V> loads;
  private final Clock clock;

  AsyncLoads(Loads<V> loads, Clock clock) {
    this.loads = loads;
    this.clock = clock;
  }

  /** The answer in a future of its own: what its receiver does to it does not matter here. */
  CompletableFuture<Optional<V>> get(
      Request<V> request, Supplier<CompletionStage<Loaded<V>>> loader) {
    Call call = new Call(request, loader);
    call.start();
    return call.promise;
  }

  private static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /** One caller, from the question to the answer. */
  private final class Call {

    final CompletableFuture<Optional<V>> promise = new CompletableFuture<>();
    private final Request<V> request;
    private final Supplier<CompletionStage<Loaded<V>>> loader;

    /** Whether it was counted as a hit or a miss; steps of a call happen one after the other. */
    private boolean counted;

    Call(Request<V> request, Supplier<CompletionStage<Loaded<V>>> loader) {
      this.request = request;
      this.loader = loader;
    }

    void start() {
      while (true) {
        LocalEntry<V> here = loads.answer(request, counted);
        if (here != null) {
          promise.complete(here.answer);
          return;
        }
        Flight<V> running = loads.begun(request.key());
        if (running != null) {
          await(running);
          return;
        }
        Flight<V> mine = loads.begin(request.key(), false);
        if (mine != null) {
          lead(mine);
          return;
        }
      }
    }

    private void await(Flight<V> running) {
      if (!counted) {
        loads.countWait();
        counted = true;
      }
      Load waiter = request.context().get(Load.RUNNING);
      if (running.isMine() || (waiter != null && !waiter.reserve(running.load()))) {
        goOwnWay();
        return;
      }
      running
          .result()
          .thenAccept(
              outcome ->
                  loads
                      .pools
                      .callbacks()
                      .executeSurely(
                          () -> {
                            if (waiter != null) {
                              waiter.release(running.load());
                            }
                            settle(outcome);
                          }));
    }

    private void settle(Flight.Outcome<V> outcome) {
      Optional<V> answer = outcome.answer();
      if (outcome.failure() != null) {
        promise.completeExceptionally(outcome.failure());
      } else if (answer != null && request.accepts(answer.orElse(null))) {
        promise.complete(answer);
      } else {
        start();
      }
    }

    /** As it would be without a cache. */
    private void goOwnWay() {
      stage(() -> loads.counters.loadAsync(loader))
          .whenComplete(
              (loaded, failure) -> {
                if (failure != null) {
                  promise.completeExceptionally(unwrapped(failure));
                } else {
                  promise.complete(Optional.ofNullable(loaded.value()));
                }
              });
    }

    private void lead(Flight<V> flight) {
      if (loads.levels.remotes().isEmpty()) {
        load(flight, Lookup.nothing());
        return;
      }
      LeasePoll poll = loads.newPoll();
      try {
        loads.pools.workers().execute(() -> look(flight, poll, true));
      } catch (RejectedExecutionException e) {
        load(flight, Lookup.nothing()); // too busy to ask the stores
      }
    }

    private void look(Flight<V> flight, LeasePoll poll, boolean first) {
      try {
        flight.restamp();
        Lookup<V> lookup = loads.claim(request, first);
        Duration pause = lookup.held() ? poll.next() : Duration.ZERO;
        if (lookup.held() && !pause.isZero()) {
          lookAgain(flight, poll, pause);
          return;
        }
        Optional<V> found = loads.found(flight, request, lookup, counted);
        counted = true;
        if (found == null) {
          loads.pools.callbacks().executeSurely(() -> load(flight, lookup));
        } else {
          end(flight, found);
        }
      } catch (Throwable t) {
        fail(flight, t);
      }
    }

    /** After a pause, or when the key was changed. */
    private void lookAgain(Flight<V> flight, LeasePoll poll, Duration pause) {
      AtomicBoolean once = new AtomicBoolean();
      Runnable wake =
          new Runnable() {
            @Override
            public void run() {
              if (once.compareAndSet(false, true)) {
                flight.watch().forget(this);
                hand(flight, poll, pause);
              }
            }
          };
      flight.watch().onChange(wake);
      Clock.Timer unused = clock.schedule(pause, wake);
      if (flight.outdated()) {
        wake.run(); // before it could be heard
      }
    }

    /** Looks again, never on this thread, which may be a store's or the clock's. */
    private void hand(Flight<V> flight, LeasePoll poll, Duration pause) {
      try {
        if (loads.pools.workers().isClosed()) {
          loads.pools.callbacks().execute(() -> load(flight, Lookup.nothing()));
        } else {
          loads.pools.workers().execute(() -> look(flight, poll, false));
        }
      } catch (RejectedExecutionException e) {
        Clock.Timer unused = clock.schedule(pause, () -> hand(flight, poll, pause));
      }
    }

    private void load(Flight<V> flight, Lookup<V> lookup) {
      if (!counted) {
        Optional<V> unused = loads.found(flight, request, Lookup.nothing(), false);
        counted = true;
      }
      LeaseRenewal renewal = loads.renewal(flight, lookup);
      stage(
              () -> {
                try (Scope ignored = request.context().makeCurrent()) {
                  return flight.loadAsync(() -> loads.counters.loadAsync(loader));
                }
              })
          .whenComplete(
              (loaded, failure) -> {
                renewal.close();
                Runnable landing =
                    () -> land(flight, lookup, loaded, failure == null ? null : unwrapped(failure));
                if (loads.levels.remotes().isEmpty()) {
                  landing.run();
                } else {
                  loads.pools.workers().executeSurely(landing);
                }
              });
    }

    private void land(
        Flight<V> flight, Lookup<V> lookup, Loaded<V> loaded, @Nullable Throwable failure) {
      try {
        if (failure == null) {
          loads.land(flight, request, lookup, loaded);
          end(flight, Optional.ofNullable(loaded.value()));
          return;
        }
        loads.release(lookup);
        LocalEntry<V> old = loads.insteadOf(failure, flight, request, lookup);
        if (old != null) {
          end(flight, old.answer);
        } else {
          fail(flight, failure);
        }
      } catch (Throwable t) {
        fail(flight, t);
      }
    }

    private void end(Flight<V> flight, Optional<V> answer) {
      loads.finish(request.key(), flight, answer);
      tell(() -> promise.complete(answer));
    }

    private void fail(Flight<V> flight, Throwable failure) {
      loads.fail(request.key(), flight, failure);
      tell(() -> promise.completeExceptionally(failure));
    }

    /** Where there are stores this is one of the few threads that ask them: no place to block. */
    private void tell(Runnable end) {
      if (loads.levels.remotes().isEmpty()) {
        end.run();
      } else {
        loads.pools.callbacks().executeSurely(end);
      }
    }

    private <T> CompletionStage<T> stage(Supplier<CompletionStage<T>> supplier) {
      try {
        return supplier.get();
      } catch (Throwable t) {
        return CompletableFuture.failedStage(t);
      }
    }
  }
}
