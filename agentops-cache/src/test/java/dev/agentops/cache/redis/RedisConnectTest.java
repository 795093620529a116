package dev.agentops.cache.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.agentops.cache.CacheStoreException;
import dev.agentops.testing.TestRedis;
import dev.agentops.testing.WithoutJars;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** How a store finds its server, loses it and finds it again. */
class RedisConnectTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final String SECRET = "p:ss/w@rd#1";

  private TestRedis redis;

  @BeforeEach
  void start() {
    redis = TestRedis.start();
  }

  @AfterEach
  void stop() {
    redis.close();
  }

  @Test
  void wrongPassword_saysSoAtOnceAndNotWhich() {
    RedisURI uri =
        RedisURI.builder(RedisURI.create(redis.uri()))
            .withAuthentication("default", SECRET.toCharArray())
            .build();
    redis.commands().configSet("requirepass", "another");
    try (RedisClient client = RedisClient.create()) {
      assertThatIllegalStateException()
          .isThrownBy(() -> RedisCacheStore.builder(client, uri).build())
          .withMessageContaining("WRONGPASS")
          .satisfies(RedisConnectTest::keepsTheSecret);
    }
    assertThatIllegalStateException()
        .isThrownBy(() -> RedisCacheStore.connect(redis.uri()))
        .withMessageContaining("NOAUTH");
  }

  @Test
  void noPermissionToTrack_saysSoAtOnce() {
    redis
        .commands()
        .aclSetuser(
            "limited",
            AclSetuserArgs.Builder.on()
                .addPassword("pw")
                .allKeys()
                .allCommands()
                .removeCommand(CommandType.CLIENT));
    assertThatIllegalStateException()
        .isThrownBy(() -> RedisCacheStore.connect(redis.uri().replace("//", "//limited:pw@")))
        .withMessageContaining("NOPERM")
        .withMessageContaining("Redis 6.0 or newer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "no uri", "http://u:p:ss@host", "redis://u:p:ss w@rd@host:1:2", "redis://"})
  void uri_ofNoRedis_isRejectedWithoutItsPassword(String uri) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisCacheStore.connect(uri))
        .withMessageContaining("not a URI of Redis")
        .satisfies(RedisConnectTest::keepsTheSecret);
  }

  @Test
  void serverAway_storeStartsAwayAndFindsIt() throws IOException {
    redis.kill();
    try (RedisCacheStore store = patient().build()) {
      assertAway(() -> store.get("k"));
      assertAway(() -> store.put("k", utf8("v"), HOUR, Set.of()));
      assertAway(() -> store.claim("k", HOUR));
      assertAway(store::check);
      redis.restart();
      await().until(() -> RedisChangesTest.succeeds(store::check));
      store.put("k", utf8("v"), HOUR, Set.of());
      assertThat(store.get("k")).hasValue(utf8("v"));
    }
  }

  @Test
  void serverKilledAndRestarted_isFoundAgainAndHeard() throws IOException {
    RecordingListener heard = new RecordingListener();
    try (RedisCacheStore store = patient().build()) {
      store.listen(heard);
      store.put("k", utf8("v"), HOUR, Set.of());
      redis.kill();
      await().untilAsserted(() -> assertAway(() -> store.get("k")));
      redis.restart();

      await().until(() -> heard.all.get() > 0);
      store.check();
      assertThat(store.get("k")).isEmpty();
      store.put("k", utf8("v"), HOUR, Set.of());
      redis.commands().del("{agentops:cache}:d:k");
      await().until(() -> heard.keys.contains("k"));
    }
  }

  @Test
  void serverHangs_requestsEndInTimeAndWhatWasNotAnsweredIsNotDoneLater() {
    RecordingListener heard = new RecordingListener();
    try (RedisCacheStore store =
        RedisCacheStore.builder(redis.uri()).timeout(Duration.ofMillis(50)).build()) {
      store.listen(heard);
      redis.hang();
      assertAway(() -> store.put("late", new byte[1024 * 1024], HOUR, Set.of()));
      assertAway(() -> store.get("k"));
      assertAway(store::check);
      // a connection that does not answer is given up, although nobody closes it
      await().untilAsserted(() -> assertAway(() -> store.get("k"), "is away"));
      redis.goOn();

      await().until(() -> RedisChangesTest.succeeds(store::check));
      assertThat(heard.all.get()).isPositive();
      await().until(() -> RedisChangesTest.succeeds(() -> store.delete("late")));
      await().during(Duration.ofMillis(200)).until(() -> redis.commands().keys("*late").isEmpty());
    } finally {
      redis.goOn();
    }
  }

  @Test
  void clientOfTheCaller_isNotClosed() {
    try (RedisClient client = RedisClient.create()) {
      RecordingListener heard = new RecordingListener();
      try (RedisCacheStore store =
          RedisCacheStore.builder(client, RedisURI.create(redis.uri()))
              .name("shared")
              .timeout(Duration.ofSeconds(10))
              .build()) {
        store.listen(heard);
        assertThat(store.name()).isEqualTo("shared");
        store.put("k", utf8("v"), HOUR, Set.of());
        redis.commands().clientKill(io.lettuce.core.KillArgs.Builder.typeNormal().skipme());
        await().until(() -> heard.all.get() > 0);
        await().until(() -> RedisChangesTest.succeeds(() -> store.get("k")));
      }
      assertThat(client.connect(RedisURI.create(redis.uri())).sync().ping()).isEqualTo("PONG");
    }
  }

  @Test
  void close_anyRequestThrowsAndNothingIsLeft() {
    RedisCacheStore store = patient().build();
    store.close();
    store.close();
    assertAway(() -> store.get("k"));
    assertAway(store::check);
    await().until(() -> redis.commands().clientList().lines().count() == 1);
  }

  @Test
  void closeAndFailedConnect_nothingIsLogged() {
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(logged);
    try {
      for (int i = 0; i < 3; i++) {
        patient().build().close();
      }
      redis.commands().configSet("requirepass", "another");
      for (int i = 0; i < 15; i++) {
        assertThatIllegalStateException()
            .isThrownBy(
                () -> RedisCacheStore.connect(redis.uri().replace("//", "//default:wrong@")));
      }
      await()
          .during(Duration.ofSeconds(1)) // clients end later
          .until(
              () ->
                  List.copyOf(logged.list).stream()
                      .noneMatch(event -> event.getLevel().isGreaterOrEqual(Level.WARN)));
    } finally {
      root.detachAppender(logged);
    }
  }

  @Test
  void serverKilled_theReasonIsSaid() {
    try (RedisCacheStore store = patient().build()) {
      redis.kill();
      await()
          .during(Duration.ofMillis(200))
          .untilAsserted(
              () ->
                  assertThatExceptionOfType(CacheStoreException.class)
                      .isThrownBy(() -> store.get("k"))
                      .satisfies(e -> assertThat(e.getMessage()).doesNotContain("null")));
    }
  }

  @Test
  void passwordChangedAtRunTime_theServersReasonIsSaid() {
    try (RedisCacheStore store = patient().build()) {
      redis.commands().configSet("requirepass", SECRET);
      redis.commands().clientKill(io.lettuce.core.KillArgs.Builder.typeNormal().skipme());
      await().untilAsserted(() -> assertAway(store::check, "NOAUTH"));
      assertThatExceptionOfType(CacheStoreException.class)
          .isThrownBy(store::check)
          .satisfies(RedisConnectTest::keepsTheSecret);
    }
  }

  @Test
  void serverHangsFromTheStart_storeStartsAway() {
    redis.hang();
    try (RedisCacheStore store = patient().connectTimeout(Duration.ofMillis(300)).build()) {
      assertAway(() -> store.get("k"));
      redis.goOn();
      await().until(() -> RedisChangesTest.succeeds(store::check));
    } finally {
      redis.goOn();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reactor-core", "netty-transport", "netty-common"})
  void connect_withoutWhatLettuceNeeds_saysSo(String jar) throws Exception {
    assertThat((String) WithoutJars.call(WithoutLettuce.class, jar))
        .startsWith(
            "RedisCacheStore needs io.lettuce:lettuce-core on the class path, together with all"
                + " that it depends on: ");
  }

  @Test
  void connect_withoutLettuce_namesTheArtifact() throws Exception {
    assertThat(WithoutJars.call(WithoutLettuce.class, "lettuce-core", "netty"))
        .isEqualTo("RedisCacheStore needs io.lettuce:lettuce-core on the class path");
  }

  /** Run without the jar. */
  public static final class WithoutLettuce implements Callable<String> {

    @Override
    public String call() {
      try {
        RedisCacheStore.connect("redis://localhost").close();
        return "no exception";
      } catch (IllegalStateException e) {
        return e.getMessage();
      }
    }
  }

  private RedisCacheStore.Builder patient() {
    return RedisCacheStore.builder(redis.uri()).timeout(Duration.ofSeconds(5));
  }

  private static void assertAway(ThrowingCallable request) {
    assertAway(request, "");
  }

  private static void assertAway(ThrowingCallable request, String message) {
    assertThatExceptionOfType(CacheStoreException.class)
        .isThrownBy(request)
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.refused()).isFalse());
  }

  private static void keepsTheSecret(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    assertThat(text.toString()).doesNotContain("ss/w@rd", "p:ss", "ss w");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }
}
