package dev.agentops;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the chain adds to a call of a model, beside what LangChain4j's own listeners add:
 * interceptors and listeners that do nothing, around a model that answers at once.
 *
 * <pre>./mvnw -q -Pjmh -Dbench=core -Djmh.args="ChainBenchmark -prof gc"</pre>
 *
 * <p>Compare the rows of one run, and look at {@code gc.alloc.rate.norm} first: time on shared
 * cores is noise.
 */
@NullMarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ChainBenchmark {

  /** How many interceptors, or listeners, stand around the model. */
  @Param({"0", "1", "5"})
  private int count;

  private final ChatRequest request =
      ChatRequest.builder().messages(UserMessage.from("hello")).build();
  private final ChatModel bare = new Instant(List.of());
  private ChatModel wrapped = bare;
  private ChatModel listened = bare;

  @Setup
  public void wrap() {
    ChatInterceptor[] interceptors = new ChatInterceptor[count];
    for (int i = 0; i < count; i++) {
      interceptors[i] = new ChatInterceptor() {};
    }
    wrapped = AgentOps.with(interceptors).build().wrap(bare);
    listened = new Instant(Collections.nCopies(count, new ChatModelListener() {}));
  }

  @Benchmark
  public ChatResponse bareModel() {
    return bare.chat(request);
  }

  @Benchmark
  public ChatResponse agentOpsChain() {
    return wrapped.chat(request);
  }

  @Benchmark
  public ChatResponse langChain4jListeners() {
    return listened.chat(request);
  }

  private static final class Instant implements ChatModel {

    private final ChatResponse response =
        ChatResponse.builder()
            .aiMessage(AiMessage.from("hi"))
            .tokenUsage(new TokenUsage(10, 5))
            .build();
    private final List<ChatModelListener> listeners;

    Instant(List<ChatModelListener> listeners) {
      this.listeners = listeners;
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
      return response;
    }

    @Override
    public List<ChatModelListener> listeners() {
      return listeners;
    }
  }
}
