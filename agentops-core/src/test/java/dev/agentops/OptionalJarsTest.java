package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.micrometer.AgentOpsMetrics;
import dev.agentops.ratelimit.RateLimitInterceptor;
import dev.agentops.ratelimit.RateLimiter;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.agentops.testing.WithoutJars;
import dev.agentops.usage.JTokkitTokenCounter;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

class OptionalJarsTest {

  @Test
  void core_withoutOptionalJars_works() throws Exception {
    Object seen =
        WithoutJars.call(
            UsesCore.class,
            "langchain4j-open-ai",
            "langchain4j-anthropic",
            "langchain4j-google-ai-gemini",
            "context-propagation",
            "jtokkit",
            "reactor-core");

    assertThat(seen).isEqualTo("hi, 15 tokens, alice");
  }

  @Test
  void tokenCounter_withoutJTokkit_countsByLengthAndSaysWhatIsMissing() throws Exception {
    assertThat(WithoutJars.call(CountsTokens.class, "jtokkit"))
        .isEqualTo(
            "2 tokens, JTokkitTokenCounter needs com.knuddels:jtokkit on the class path, 0 faults");
  }

  @Test
  void withoutJars_leavesThemOutIndeed() {
    assertThatThrownBy(() -> WithoutJars.call(UsesOpenAi.class, "langchain4j-open-ai"))
        .isInstanceOf(NoClassDefFoundError.class);
    assertThatThrownBy(() -> WithoutJars.call(UsesCore.class, "no-such-jar"))
        .hasMessageContaining("no-such-jar");
  }

  /**
   * Makes a call through a wrapped model, the meters and the limiter, and loads the other wrappers.
   */
  public static final class UsesCore implements Callable<String> {

    @Override
    public String call() {
      List<OpsEvent> events = new ArrayList<>();
      AgentOps ops =
          AgentOps.with(RateLimitInterceptor.of(RateLimiter.builder().requestsPerMinute(5).build()))
              .listener(AgentOpsMetrics.of(new SimpleMeterRegistry()))
              .listener(events::add)
              .build();
      try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
        ops.wrap(FakeStreamingChatModel.drivenByHand()).chat("hello", new RecordingHandler());
        ops.wrap((request, memoryId) -> "ok").execute(null, "m1");
        ops.wrap(new EmbeddingModel() {}).embedAll(List.of());
        events.clear();
        String answer = ops.wrap(FakeChatModel.saying("hi")).chat("hello");
        ModelCallEvent event = (ModelCallEvent) events.get(0);
        return answer
            + ", "
            + event.usage().orElseThrow().totalTokens()
            + " tokens, "
            + event.attributes().get("user.id");
      }
    }
  }

  /** Breaks a stream after eight characters, and asks for JTokkit by name. */
  public static final class CountsTokens implements Callable<String> {

    @Override
    public String call() {
      BilledReports billed = new BilledReports();
      AgentOps ops = AgentOps.with(billed).build();
      FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
      ops.wrap(model).chat("hello", new RecordingHandler());
      model.handler().onPartialResponse("12345678");
      model.handler().onError(new IllegalStateException("broken"));
      String missing = "";
      try {
        JTokkitTokenCounter.create();
      } catch (IllegalStateException e) {
        missing = e.getMessage();
      }
      return billed.only().usage().outputTokens()
          + " tokens, "
          + missing
          + ", "
          + ops.faults()
          + " faults";
    }
  }

  /** Needs the OpenAI jar. */
  public static final class UsesOpenAi implements Callable<String> {

    @Override
    public String call() {
      return OpenAiChatModel.builder().toString();
    }
  }
}
