package dev.agentops.cache;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The executions of tools that are under way, so that equal ones wait for the first. Thread-safe.
 */
final class ToolFlights {

  private final ConcurrentMap<String, CompletableFuture<Optional<String>>> running =
      new ConcurrentHashMap<>();

  /** An execution that others may join; null if there is one already. */
  @Nullable CompletableFuture<Optional<String>> begin(String key) {
    CompletableFuture<Optional<String>> mine = new CompletableFuture<>();
    return running.putIfAbsent(key, mine) == null ? mine : null;
  }

  /** What the running execution returns; empty if none is running or it returns no such text. */
  Optional<String> join(String key) {
    CompletableFuture<Optional<String>> flight = running.get(key);
    if (flight == null) {
      return Optional.empty();
    }
    try {
      return flight.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the tool will see it
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new AssertionError("a flight is completed with a value only", e);
    }
  }

  void end(String key, CompletableFuture<Optional<String>> mine, @Nullable String text) {
    running.remove(key, mine);
    mine.complete(Optional.ofNullable(text));
  }

  /** Lets nobody else join those that are running. */
  void forget() {
    running.clear();
  }
}
