package dev.agentops.tracing.conformance;

import dev.agentops.tracing.conformance.RecordedSpan.Status;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A tracer as one would write it at first: a model's listener, and the current span in a
 * thread-local.
 */
class ListenerOnlySubject implements Subject {

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger ids = new AtomicInteger();
  private final Queue<OpenSpan> spans = new ConcurrentLinkedQueue<>();
  private final ThreadLocal<OpenSpan> current = new ThreadLocal<>();

  @Override
  public ChatModel wrap(ChatModel model) {
    return new ListenedModel(model, with(model.listeners()));
  }

  @Override
  public StreamingChatModel wrap(StreamingChatModel model) {
    return new ListenedStreamingModel(model, with(model.listeners()));
  }

  @Override
  public void agent(String name, Runnable body) {
    OpenSpan around = current.get();
    OpenSpan span = start("invoke_agent", name);
    current.set(span);
    try {
      body.run();
      span.end(Status.OK, null);
    } catch (Throwable t) {
      span.end(Status.ERROR, t);
      throw t;
    } finally {
      current.set(around);
    }
  }

  @Override
  public Instant now() {
    return Instant.EPOCH.plusNanos(nanos.get());
  }

  @Override
  public boolean advance(Duration by) {
    nanos.addAndGet(by.toNanos());
    return true;
  }

  @Override
  public List<RecordedSpan> spans() {
    return spans.stream().map(OpenSpan::recorded).toList();
  }

  private List<ChatModelListener> with(List<ChatModelListener> others) {
    List<ChatModelListener> listeners = new ArrayList<>(others);
    listeners.add(new Listener());
    return listeners;
  }

  private OpenSpan start(String operation, String target) {
    OpenSpan span = new OpenSpan(current.get(), operation, target);
    spans.add(span);
    return span;
  }

  private final class Listener implements ChatModelListener {

    @Override
    public void onRequest(ChatModelRequestContext context) {
      context.attributes().put(this, start("chat", context.chatRequest().modelName()));
    }

    @Override
    public void onResponse(ChatModelResponseContext context) {
      ((OpenSpan) context.attributes().get(this)).end(Status.OK, null);
    }

    @Override
    public void onError(ChatModelErrorContext context) {
      ((OpenSpan) context.attributes().get(this)).end(Status.ERROR, context.error());
    }
  }

  private final class OpenSpan {

    private final OpenSpan parent;
    private final String id = "span" + ids.incrementAndGet();
    private final String traceId;
    private final String operation;
    private final String target;
    private final Instant start = now();
    private int ends;
    private Instant end;
    private Status status = Status.RUNNING;
    private String errorType;

    OpenSpan(OpenSpan parent, String operation, String target) {
      this.parent = parent;
      this.traceId = parent == null ? "trace of " + id : parent.traceId;
      this.operation = operation;
      this.target = target;
    }

    synchronized void end(Status status, Throwable error) {
      ends++;
      end = now();
      this.status = status;
      errorType = error == null ? null : error.getClass().getName();
    }

    synchronized RecordedSpan recorded() {
      String parentId = parent == null ? null : parent.id;
      return new RecordedSpan(
          traceId, id, parentId, operation, target, start, end, status, errorType, ends);
    }
  }

  private record ListenedModel(ChatModel model, List<ChatModelListener> listeners)
      implements ChatModel {

    @Override
    public ChatResponse doChat(ChatRequest request) {
      return model.doChat(request);
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
      return model.defaultRequestParameters();
    }

    @Override
    public ModelProvider provider() {
      return model.provider();
    }
  }

  private record ListenedStreamingModel(StreamingChatModel model, List<ChatModelListener> listeners)
      implements StreamingChatModel {

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
      model.doChat(request, handler);
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
      return model.defaultRequestParameters();
    }

    @Override
    public ModelProvider provider() {
      return model.provider();
    }
  }
}
