package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.ChatInterceptor;
import dev.agentops.Cost;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.UsageReport;
import dev.agentops.event.CacheEvent;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.FakeChatModel;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseCachePolicyTest {

  private static final Attributes ALICE = Attributes.of("user.id", "alice");
  private static final Attributes BOB = Attributes.of("user.id", "bob");
  private static final Cost PRICE = Cost.usd("0.06");

  private final TestClock clock = TestClock.create();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private ChatResponse answer = FakeChatModel.response("an answer");
  private final FakeChatModel fake =
      FakeChatModel.answering(
          request -> {
            clock.advance(Duration.ofSeconds(3));
            return answer;
          });

  @ParameterizedTest
  @CsvSource({"0.0, true", "0.7, true", "0.71, false", "1.0, false", ", true"})
  void maximumTemperature_hotterCallsAreLeftAlone(Double temperature, boolean cached) {
    ResponseCache cache = builder().maximumTemperature(0.7).build();
    ChatRequest request =
        ChatRequest.builder().messages(UserMessage.from("q")).temperature(temperature).build();
    ask(cache, ALICE, request);
    ask(cache, ALICE, request);
    assertThat(fake.requests()).hasSize(cached ? 1 : 2);
    assertThat(types())
        .containsExactly(
            cached ? CacheEvent.Type.MISS : CacheEvent.Type.BYPASS,
            cached ? CacheEvent.Type.HIT : CacheEvent.Type.BYPASS);
  }

  @Test
  void anyTemperature_isCachedUnlessSaid() {
    ResponseCache cache = builder().build();
    ChatRequest request =
        ChatRequest.builder().messages(UserMessage.from("q")).temperature(2.0).build();
    ask(cache, ALICE, request);
    ask(cache, ALICE, request);
    assertThat(fake.requests()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"'  12345 ', true", "'  1234  ', false"})
  void minimumLength_shorterAnswersAreNotKept(String text, boolean kept) {
    answer = FakeChatModel.response(text);
    ResponseCache cache = builder().minimumLength(5).build();
    ask(cache, ALICE);
    ask(cache, ALICE);
    assertThat(fake.requests()).hasSize(kept ? 1 : 2);
  }

  @Test
  void cacheIf_decidesWithCallAndAnswer_andKeepsNothingWhenItThrows() {
    ResponseCache cache =
        builder()
            .cacheIf(
                (call, response) -> {
                  if (call.attributes().get("broken") != null) {
                    throw new IllegalStateException("rule");
                  }
                  return !response.aiMessage().text().startsWith("I can't help");
                })
            .build();
    answer = FakeChatModel.response("I can't help with that.");
    ask(cache, ALICE);
    ask(cache, ALICE);
    assertThat(fake.requests()).hasSize(2);
    answer = FakeChatModel.response("Sure.");
    ask(cache, ALICE.with("broken", true));
    ask(cache, ALICE);
    assertThat(fake.requests()).hasSize(4);
    ask(cache, ALICE);
    assertThat(fake.requests()).hasSize(4);
  }

  @Test
  void timeToLiveBy_goesBeforeTheCaches_andNoTimeMeansNotKept() {
    ResponseCache cache =
        builder()
            .timeToLive(Duration.ofDays(1))
            .timeToLiveBy(
                (call, response) ->
                    call.attributes().get("minutes") instanceof Long minutes
                        ? Duration.ofMinutes(minutes)
                        : null)
            .build();
    ask(cache, ALICE);
    ask(cache, ALICE.with("minutes", 0));
    ask(cache, ALICE.with("minutes", 5));
    assertThat(fake.requests()).hasSize(3);
    clock.advance(Duration.ofMinutes(5).minusNanos(1));
    ask(cache, ALICE);
    assertThat(fake.requests()).hasSize(3);
    clock.advance(Duration.ofNanos(1));
    ask(cache, ALICE);
    assertThat(fake.requests()).hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-store", " NO-STORE ", "no-stoer", "max-age=0"})
  void control_noStoreOrUnknown_theCacheStaysOut(String control) {
    ResponseCache cache = builder().build();
    ask(cache, ALICE);
    ask(cache, ALICE.with(ResponseCache.CONTROL, control));
    answer = FakeChatModel.response("newer");
    ask(cache, ALICE.with(ResponseCache.CONTROL, control));
    assertThat(ask(cache, ALICE)).isEqualTo("an answer");
    assertThat(fake.requests()).hasSize(3);
    assertThat(types())
        .containsExactly(
            CacheEvent.Type.MISS,
            CacheEvent.Type.BYPASS,
            CacheEvent.Type.BYPASS,
            CacheEvent.Type.HIT);
  }

  @Test
  void control_noCache_getsANewAnswerAndKeepsIt() {
    ResponseCache cache = builder().build();
    ask(cache, ALICE);
    answer = FakeChatModel.response("newer");
    assertThat(ask(cache, ALICE.with(ResponseCache.CONTROL, "no-cache"))).isEqualTo("newer");
    assertThat(ask(cache, ALICE)).isEqualTo("newer");
    assertThat(types())
        .containsExactly(CacheEvent.Type.MISS, CacheEvent.Type.REFRESH, CacheEvent.Type.HIT);
  }

  @Test
  void sharedBy_amongCallsThatAgree_withinATenant() {
    ResponseCache cache = builder().sharedBy("team").build();
    ask(cache, ALICE.with("team", "a"));
    ask(cache, BOB.with("team", "a"));
    assertThat(fake.requests()).hasSize(1);
    ask(cache, ALICE.with("team", "b"));
    ask(cache, ALICE.with("team", "a").with("tenant", "acme"));
    assertThat(fake.requests()).hasSize(3);
    ask(cache, ALICE);
    ask(cache, ALICE.with("team", " "));
    assertThat(fake.requests()).hasSize(5);
    assertThat(types().subList(4, 6)).containsOnly(CacheEvent.Type.BYPASS);
  }

  @Test
  void invalidate_byTag_user_orTenant_forgetsTheirAnswersOnly() {
    ResponseCache cache =
        builder().tags(call -> List.of("doc:" + call.attributes().get("doc"))).build();
    Attributes one = ALICE.with("doc", 1);
    Attributes two = BOB.with("doc", 2);
    Attributes acme = Attributes.of("user.id", "carol", "tenant", "acme", "doc", 2);
    List.of(one, two, acme).forEach(who -> ask(cache, who));

    cache.invalidateByTag("doc:1");
    assertAsked(cache, one, true);
    assertAsked(cache, two, false);
    cache.invalidateUser("bob");
    assertAsked(cache, two, true);
    assertAsked(cache, one, false);
    cache.invalidateTenant("acme");
    assertAsked(cache, acme, true);
    assertAsked(cache, two, false);
    cache.invalidateByTag("alice"); // a tag is not a user
    assertAsked(cache, one, false);
  }

  @Test
  void invalidateUser_ofASharedCache_forgetsWhatThatUserAsked() {
    ResponseCache cache = builder().shared().build();
    ask(cache, ALICE);
    cache.invalidateUser("bob");
    assertAsked(cache, BOB, false);
    cache.invalidateUser("alice");
    assertAsked(cache, BOB, true);
  }

  @ParameterizedTest
  @ValueSource(strings = {"user", "tenant", "tag", "all"})
  void invalidated_whileACallIsUnderWay_itsAnswerIsNotKept(String what) {
    ResponseCache cache = builder().build();
    FakeChatModel invalidating =
        FakeChatModel.answering(
            request -> {
              switch (what) {
                case "user" -> cache.invalidateUser("alice");
                case "tenant" -> cache.invalidateTenant("acme");
                case "tag" -> cache.invalidateByTag("any");
                default -> cache.invalidateAll();
              }
              return answer;
            });
    try (Scope ignored = ops(cache).scope(ALICE)) {
      ops(cache).wrap(invalidating).chat("q");
      ops(cache).wrap(invalidating).chat("q");
    }
    assertThat(invalidating.requests()).hasSize(2);
  }

  @Test
  void hit_tellsWhatItSaved_everywhereTheSame() {
    ResponseCache cache = builder().build();
    ask(cache, ALICE);
    clock.advance(Duration.ofMinutes(1));
    ask(cache, ALICE);
    ask(cache, ALICE);

    CacheEvent hit = (CacheEvent) events.get(2);
    assertThat(hit.type()).isEqualTo(CacheEvent.Type.HIT);
    assertThat(hit.level()).hasValue("local");
    assertThat(hit.age()).hasValue(Duration.ofMinutes(1));
    assertThat(hit.savedCost()).hasValue(PRICE);
    assertThat(hit.savedTime()).hasValue(Duration.ofSeconds(3));
    ModelCallEvent call = (ModelCallEvent) events.get(3);
    assertThat(call.savedCost()).hasValue(PRICE);
    assertThat(call.savedTime()).hasValue(Duration.ofSeconds(3));
    assertThat(call.cost()).hasValue(Cost.ZERO);
    CacheSavings savings = cache.savings();
    assertThat(savings.answers()).isEqualTo(2);
    assertThat(savings.joined()).isZero();
    assertThat(savings.unpriced()).isZero();
    assertThat(savings.cost()).isEqualTo(PRICE.plus(PRICE));
    assertThat(savings.time()).isEqualTo(Duration.ofSeconds(6));
  }

  @Test
  void remote_anotherProcessHits_withAllThatIsKnown() {
    InMemoryCacheStore store = new InMemoryCacheStore("shared", clock);
    ask(builder().remote(store).build(), ALICE);
    clock.advance(Duration.ofMinutes(1));
    List<UsageReport> reports = new CopyOnWriteArrayList<>();
    ResponseCache other = builder().remote(store).build();
    ChatInterceptor outer =
        new ChatInterceptor() {
          @Override
          public void after(ModelCall call, Outcome<ChatResponse> outcome) {
            reports.add(call.savedReport());
          }
        };
    AgentOps ops = AgentOps.with(outer, CachingInterceptor.of(other)).listener(events::add).build();
    try (Scope ignored = ops.scope(ALICE)) {
      assertThat(ops.wrap(fake).chat("q")).isEqualTo("an answer");
    }
    assertThat(fake.requests()).hasSize(1);
    CacheEvent hit = (CacheEvent) events.get(2);
    assertThat(hit.level()).hasValue("shared");
    assertThat(hit.age()).hasValue(Duration.ofMinutes(1));
    assertThat(hit.savedCost()).hasValue(PRICE);
    assertThat(reports.get(0).usage().inputTokens()).isEqualTo(10);
    other.invalidateUser("alice");
    ask(builder().remote(store).build(), ALICE);
    assertThat(fake.requests()).hasSize(2);
  }

  @Test
  void answerThatDoesNotEncode_staysLocal() {
    InMemoryCacheStore store = new InMemoryCacheStore("shared", clock);
    List<Image> images = List.of(Image.builder().url("http://x").build());
    answer =
        FakeChatModel.response(
            AiMessage.builder()
                .text("a picture")
                .attributes(Map.of(AiMessage.GENERATED_IMAGES_KEY, images))
                .build(),
            FinishReason.STOP);
    ResponseCache cache = builder().remote(store).build();
    ask(cache, ALICE);
    ask(cache, ALICE);
    assertThat(fake.requests()).hasSize(1);
    ask(builder().remote(store).build(), ALICE);
    assertThat(fake.requests()).hasSize(2);
  }

  @Test
  void builder_quotesWhatIsWrong() {
    ResponseCache.Builder builder = ResponseCache.builder();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maximumTemperature(Double.NaN))
        .withMessage("maximumTemperature must not be negative: NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.minimumLength(0))
        .withMessage("minimumLength must be positive: 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.sharedBy(" "))
        .withMessage("attribute must not be blank: ' '");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.replayPace(Duration.ofSeconds(11)))
        .withMessage("replayPace must be from 0 to 10 seconds: PT11S");
    assertThatIllegalArgumentException().isThrownBy(() -> builder.replayPace(Duration.ofNanos(-1)));
  }

  private void assertAsked(ResponseCache cache, Attributes who, boolean asked) {
    int before = fake.requests().size();
    ask(cache, who);
    assertThat(fake.requests().size() - before).isEqualTo(asked ? 1 : 0);
  }

  private ResponseCache.Builder builder() {
    return ResponseCache.builder().clock(clock);
  }

  private String ask(ResponseCache cache, Attributes who) {
    return ask(cache, who, ChatRequest.builder().messages(UserMessage.from("q")).build());
  }

  private String ask(ResponseCache cache, Attributes who, ChatRequest request) {
    AgentOps ops = ops(cache);
    try (Scope ignored = ops.scope(who)) {
      return ops.wrap(fake).chat(request).aiMessage().text();
    }
  }

  /** With an interceptor that prices calls, as that of the cost module does. */
  private AgentOps ops(ResponseCache cache) {
    ChatInterceptor pricing =
        new ChatInterceptor() {
          @Override
          public void after(ModelCall call, Outcome<ChatResponse> outcome) {
            call.recordCost(PRICE);
          }
        };
    return AgentOps.with(CachingInterceptor.of(cache), pricing)
        .listener(events::add)
        .clock(clock)
        .build();
  }

  private List<CacheEvent.Type> types() {
    return events.stream()
        .filter(CacheEvent.class::isInstance)
        .map(event -> ((CacheEvent) event).type())
        .toList();
  }
}
