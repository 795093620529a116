package dev.agentops.cost;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until something happens beside some files, or for a while: a system that does not tell, as
 * a network file system, only delays.
 */
final class DirectoryWatch {

  /** A file is written in several steps, and one look at it serves them all. */
  private static final Duration SETTLING = Duration.ofMillis(50);

  private static final Logger log = LoggerFactory.getLogger(WatchedPriceCatalog.class);

  private final CountDownLatch closed = new CountDownLatch(1);
  private final @Nullable WatchService service;

  DirectoryWatch(Collection<Path> files) {
    service = open(files);
  }

  /** Waits; whether it is still open. */
  boolean await(Duration atMost) {
    try {
      if (service == null) {
        return !closed.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
      }
      WatchKey key = service.poll(atMost.toNanos(), TimeUnit.NANOSECONDS);
      if (key != null && closed.await(SETTLING.toNanos(), TimeUnit.NANOSECONDS)) {
        return false;
      }
      while (key != null) {
        key.pollEvents();
        key.reset();
        key = service.poll();
      }
      return closed.getCount() > 0;
    } catch (ClosedWatchServiceException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  void close() {
    closed.countDown();
    closeService(service);
  }

  private static @Nullable WatchService open(Collection<Path> files) {
    WatchService service = null;
    try {
      Set<Path> directories = new LinkedHashSet<>();
      for (Path file : files) {
        Path parent = file.toAbsolutePath().getParent();
        directories.addAll(parent == null ? List.of() : List.of(parent));
      }
      if (directories.isEmpty()) {
        return null;
      }
      service = directories.iterator().next().getFileSystem().newWatchService();
      for (Path directory : directories) {
        directory.register(
            service,
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_MODIFY,
            StandardWatchEventKinds.ENTRY_DELETE);
      }
      return service;
    } catch (IOException | RuntimeException e) { // no file events here: too many watches, for one
      log.info(
          "no events of price files, which are looked at from time to time instead: {}",
          e.toString());
      closeService(service);
      return null;
    }
  }

  private static void closeService(@Nullable WatchService service) {
    try {
      if (service != null) {
        service.close();
      }
    } catch (IOException e) {
      log.debug("a watch service did not close", e);
    }
  }
}
