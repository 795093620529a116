package dev.agentops.cache.jdbc;

import dev.agentops.TestClock;
import dev.agentops.cache.CacheStore;
import dev.agentops.cache.CacheStoreSuite;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;

class SqliteCacheStoreTest extends CacheStoreSuite {

  private final TestClock clock = TestClock.create();

  @TempDir private Path folder;

  @Override
  protected CacheStore newStore() {
    return SqliteCacheStore.builder(folder.resolve("cache.db"))
        .timeout(Duration.ofMinutes(1)) // the machine may be busy
        .clock(clock)
        .build();
  }

  @Override
  protected void pass(Duration time) {
    clock.advance(time);
  }
}
