package dev.agentops.cost.redis;

import dev.agentops.cost.BudgetStore;
import dev.agentops.cost.BudgetStoreContract;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.jspecify.annotations.Nullable;

class RedisBudgetStoreTest extends BudgetStoreContract {

  private static @Nullable TestRedis redis;
  private static @Nullable RedisBudgetStore store;
  private static @Nullable RedisBudgetStore other;

  @BeforeAll
  static void start() {
    redis = TestRedis.start();
    store = RedisBudgetStore.of(redis.uri());
    other = RedisBudgetStore.of(redis.uri());
  }

  @AfterAll
  static void stop() {
    if (redis != null) {
      store.close();
      other.close();
      redis.close();
    }
  }

  @Override
  protected BudgetStore store() {
    return Objects.requireNonNull(store);
  }

  @Override
  protected BudgetStore ofAnotherProcess() {
    return Objects.requireNonNull(other);
  }
}
