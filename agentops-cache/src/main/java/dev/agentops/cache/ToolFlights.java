package dev.agentops.cache;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The executions of tools that are under way, so that equal ones wait for the first. Thread-safe.
 */
final class ToolFlights {

  private final ConcurrentMap<String, CompletableFuture<Optional<String>>> running =
      new ConcurrentHashMap<>();
  private final long maximumWaitNanos;

  ToolFlights(Duration maximumWait) {
    maximumWaitNanos = TimeUnit.NANOSECONDS.convert(maximumWait); // as many as there are
  }

  /** An execution that others may join; null if there is one already. */
  @Nullable CompletableFuture<Optional<String>> begin(String key) {
    CompletableFuture<Optional<String>> mine = new CompletableFuture<>();
    return running.putIfAbsent(key, mine) == null ? mine : null;
  }

  /** An execution that others may join in place of the one that there may be. */
  CompletableFuture<Optional<String>> overtake(String key) {
    CompletableFuture<Optional<String>> mine = new CompletableFuture<>();
    running.put(key, mine);
    return mine;
  }

  /**
   * Waits for the running execution. Of those for whom it takes too long one takes its place, and
   * the others wait once more, for that one.
   */
  Joined join(String key) {
    for (int wait = 0; wait < 2; wait++) {
      CompletableFuture<Optional<String>> flight = running.get(key);
      if (flight == null) {
        break;
      }
      try {
        Optional<String> text = flight.get(maximumWaitNanos, TimeUnit.NANOSECONDS);
        if (text.isPresent()) {
          return new Joined(text.get(), null);
        }
        break;
      } catch (TimeoutException e) {
        CompletableFuture<Optional<String>> mine = new CompletableFuture<>();
        if (running.replace(key, flight, mine)) {
          return new Joined(null, mine);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the tool will see it
        break;
      } catch (ExecutionException e) {
        throw new AssertionError("a flight is completed with a value only", e);
      }
    }
    return new Joined(null, begin(key));
  }

  /** Whether this is the execution whose result counts: nobody has taken its place. */
  boolean isCurrent(String key, CompletableFuture<Optional<String>> flight) {
    return running.get(key) == flight;
  }

  void end(String key, CompletableFuture<Optional<String>> mine, @Nullable String text) {
    running.remove(key, mine);
    mine.complete(Optional.ofNullable(text));
  }

  /** Lets nobody else join those that are running. */
  void forget() {
    running.clear();
  }

  /**
   * What came of waiting.
   *
   * @param text what the other execution returned; null if the tool is to run
   * @param flight the execution that others may join from now on; null for none
   */
  record Joined(@Nullable String text, @Nullable CompletableFuture<Optional<String>> flight) {}
}
