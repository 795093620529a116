package dev.agentops.cache;

import dev.agentops.TestClock;
import java.time.Duration;

class InMemoryCacheStoreTest extends CacheStoreSuite {

  private final TestClock clock = TestClock.create();

  @Override
  CacheStore newStore() {
    return new InMemoryCacheStore("memory", clock);
  }

  @Override
  void pass(Duration time) {
    clock.advance(time);
  }
}
