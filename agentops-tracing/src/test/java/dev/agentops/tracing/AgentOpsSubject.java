package dev.agentops.tracing;

import dev.agentops.AgentOps;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.tracing.conformance.RecordedSpan;
import dev.agentops.tracing.conformance.Subject;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.tool.ToolExecutor;
import dev.langchain4j.service.tool.ToolProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** This tracer, as the conformance kit sees it; public and open for the tests of sub-packages. */
public class AgentOpsSubject implements Subject {

  private static final Duration LONG_AFTER = Duration.ofDays(1);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MOST_COLLECTIONS = 20;

  private final TestClock clock = TestClock.create();
  private final AddedSpans added = new AddedSpans();
  private final Tracer tracer = Tracer.builder().clock(clock).store(added).build();
  private final AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).clock(clock).build();

  protected final Tracer tracer() {
    return tracer;
  }

  @Override
  public ChatModel wrap(ChatModel model) {
    return ops.wrap(model);
  }

  @Override
  public StreamingChatModel wrap(StreamingChatModel model) {
    return ops.wrap(model);
  }

  @Override
  public EmbeddingModel wrap(EmbeddingModel model) {
    return ops.wrap(model);
  }

  @Override
  public ToolExecutor wrap(ToolExecutor tool) {
    return ops.wrap(tool);
  }

  @Override
  public ToolProvider wrap(ToolProvider provider) {
    return ops.wrap(provider);
  }

  @Override
  public ContentRetriever wrap(ContentRetriever retriever) {
    return ops.wrapRetriever(retriever);
  }

  @Override
  public <T> T aiService(Class<T> type, Consumer<AiServices<T>> configure) {
    AiServices<T> builder = ops.aiServices(type);
    configure.accept(builder);
    return builder.build();
  }

  @Override
  public Optional<String> aiServiceAgent(Class<?> type) {
    return Optional.of(type.getSimpleName());
  }

  @Override
  public Executor wrap(Executor executor) {
    return Scope.wrap(executor);
  }

  @Override
  public void agent(String name, Runnable body) {
    tracer.trace(
        name,
        "invoke_agent",
        turn -> {
          body.run();
          return null;
        });
  }

  @Override
  public Instant now() {
    return clock.now();
  }

  @Override
  public boolean advance(Duration by) {
    clock.advance(by);
    return true;
  }

  @Override
  public void reap() {
    clock.advance(LONG_AFTER);
    for (int i = 0; i < MOST_COLLECTIONS && !tracer.openSpans().isEmpty(); i++) {
      System.gc();
      clock.advance(LONG_AFTER);
    }
  }

  @Override
  public List<RecordedSpan> spans() {
    if (!tracer.flush(PATIENCE)) {
      throw new IllegalStateException("spans are still waiting after " + PATIENCE);
    }
    Map<String, Span> spans = new HashMap<>();
    Map<String, Integer> ends = new HashMap<>();
    for (Span span : added.spans) {
      spans.put(span.spanId(), span);
      ends.merge(span.spanId(), 1, Integer::sum);
    }
    tracer.openSpans().forEach(span -> spans.putIfAbsent(span.spanId(), span));
    List<RecordedSpan> recorded = new ArrayList<>();
    spans.forEach((id, span) -> recorded.add(recorded(span, ends.getOrDefault(id, 0))));
    return recorded;
  }

  @Override
  public void close() {
    tracer.close();
  }

  private static RecordedSpan recorded(Span span, int ends) {
    boolean turn = span.action().equals("invoke_agent");
    return new RecordedSpan(
        span.traceId(),
        span.spanId(),
        span.parentSpanId(),
        span.action(),
        turn ? span.agentName() : target(span),
        span.startTime(),
        ends == 0 ? null : span.endTime(),
        RecordedSpan.Status.valueOf(span.status().name()),
        (String) span.attribute(GenAiAttributes.ERROR_TYPE),
        ends);
  }

  private static String target(Span span) {
    int from = span.action().length() + 1; // a retrieval may have none
    return from < span.name().length() ? span.name().substring(from) : "";
  }

  /** Every span as often as the tracer hands it on. */
  private static final class AddedSpans implements SpanStore {

    private final Queue<Span> spans = new ConcurrentLinkedQueue<>();

    @Override
    public void add(List<Span> ended) {
      spans.addAll(ended);
    }

    @Override
    public List<Span> find(SpanQuery query) {
      return query.page(spans.stream().filter(query::matches).toList());
    }

    @Override
    public void addScore(Score score) {}

    @Override
    public List<Score> scores(String traceId) {
      return List.of();
    }

    @Override
    public long droppedSpans() {
      return 0;
    }
  }
}
