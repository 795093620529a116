package dev.agentops.cache;

import dev.agentops.TestClock;
import java.time.Duration;

class InMemoryCacheStoreTest extends CacheStoreSuite {

  private final TestClock clock = TestClock.create();

  @Override
  protected CacheStore newStore() {
    return new InMemoryCacheStore("memory", clock);
  }

  @Override
  protected void pass(Duration time) {
    clock.advance(time);
  }
}
