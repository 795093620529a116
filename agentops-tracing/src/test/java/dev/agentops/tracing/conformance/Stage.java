package dev.agentops.tracing.conformance;

import dev.agentops.tracing.conformance.Subject.Feature;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.tool.ToolExecutor;
import dev.langchain4j.service.tool.ToolProvider;
import dev.langchain4j.service.tool.ToolProviderResult;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What plans share that run at the same time: one subject, and models and tools wrapped by it. */
final class Stage {

  private static final Duration TICK = Duration.ofNanos(1_000);
  private static final ExecutorService POOL = daemons("pool");
  private static final ExecutorService PROVIDER = daemons("provider");
  private static final Executor VIRTUAL = virtualOrPool();

  private final Subject subject;
  private final Map<String, Step> steps = new ConcurrentHashMap<>();
  private final Executor pool;
  private final Executor virtualThreads;
  private final ChatModel chat;
  private final StreamingChatModel streaming;
  private final ToolExecutor tool;
  private final ContentRetriever retriever;
  private final Map<Boolean, SyncServiceStep.Assistant> assistants = new ConcurrentHashMap<>();
  private final Map<Boolean, StreamingServiceStep.Assistant> streamingAssistants =
      new ConcurrentHashMap<>();

  Stage(Subject subject) {
    this.subject = subject;
    pool = subject.wrap(POOL);
    virtualThreads = subject.wrap(VIRTUAL);
    chat = subject.wrap(new PlannedChatModel(this));
    streaming = subject.wrap(new PlannedStreamingModel(this));
    tool = subject.wrap(new ToolStep.Executor(this));
    retriever = subject.wrap(new RetrievalStep.Retriever(this));
    if (subject.supports(Feature.AI_SERVICES)) {
      for (boolean concurrent : new boolean[] {false, true}) {
        assistants.put(concurrent, service(SyncServiceStep.Assistant.class, concurrent));
        streamingAssistants.put(
            concurrent, service(StreamingServiceStep.Assistant.class, concurrent));
      }
    }
  }

  static ChatRequest request(String model) {
    return ChatRequest.builder().messages(UserMessage.from("hello")).modelName(model).build();
  }

  static ChatRequestParameters parameters(String model) {
    return ChatRequestParameters.builder().modelName(model).build();
  }

  static ChatResponse answer(String text) {
    return answer(AiMessage.from(text));
  }

  static ChatResponse answer(AiMessage message) {
    return ChatResponse.builder().aiMessage(message).finishReason(FinishReason.STOP).build();
  }

  Subject subject() {
    return subject;
  }

  Executor pool() {
    return pool;
  }

  Executor virtualThreads() {
    return virtualThreads;
  }

  /** Threads of a provider's client, which carry nothing over. */
  Executor provider() {
    return PROVIDER;
  }

  ChatModel chat() {
    return chat;
  }

  StreamingChatModel streaming() {
    return streaming;
  }

  ToolExecutor tool() {
    return tool;
  }

  ContentRetriever retriever() {
    return retriever;
  }

  SyncServiceStep.Assistant assistant(boolean concurrentTools) {
    return assistants.get(concurrentTools);
  }

  StreamingServiceStep.Assistant streamingAssistant(boolean concurrentTools) {
    return streamingAssistants.get(concurrentTools);
  }

  /** Lets the tracer's clock go on a little, so that no two things happen at once, and reads it. */
  Instant tick() {
    subject.advance(TICK);
    Instant now = subject.now();
    subject.advance(TICK);
    return now;
  }

  void register(Step step) {
    register(step.id, step);
  }

  /** Makes a step known under another name than its id. */
  void register(String name, Step step) {
    steps.put(name, step);
  }

  <T> T find(String id, Class<T> type) {
    return type.cast(steps.get(id));
  }

  private <T> T service(Class<T> type, boolean concurrentTools) {
    boolean wrapsItself = subject.aiServiceAgent(type).isPresent();
    ChatModel chatModel = new PlannedChatModel(this);
    StreamingChatModel streamingModel = new PlannedStreamingModel(this);
    return subject.aiService(
        type,
        (AiServices<T> service) -> {
          service
              .chatModel(wrapsItself ? chatModel : chat)
              .streamingChatModel(wrapsItself ? streamingModel : streaming)
              .toolProvider(wrapsItself ? tools() : subject.wrap(tools()));
          if (concurrentTools) {
            service.executeToolsConcurrently();
          }
        });
  }

  /** The tools of the step whose id is the user's message. */
  private ToolProvider tools() {
    ToolExecutor executor = new ToolStep.Executor(this);
    return request -> {
      ToolProviderResult.Builder result = ToolProviderResult.builder();
      ServiceStep step = find(request.userMessage().singleText(), ServiceStep.class);
      for (ToolStep tool : step.tools()) {
        register(tool);
        result.add(tool.specification(), executor);
      }
      return result.build();
    };
  }

  private static ExecutorService daemons(String name) {
    return Executors.newCachedThreadPool(
        task -> {
          Thread thread = new Thread(task, "conformance-" + name);
          thread.setDaemon(true);
          return thread;
        });
  }

  private static Executor virtualOrPool() {
    try {
      MethodHandle start =
          MethodHandles.publicLookup()
              .findStatic(
                  Thread.class,
                  "startVirtualThread",
                  MethodType.methodType(Thread.class, Runnable.class));
      return task -> {
        try {
          Thread unused = (Thread) start.invokeExact(task);
        } catch (Throwable t) {
          throw new IllegalStateException("cannot start a virtual thread", t);
        }
      };
    } catch (ReflectiveOperationException e) { // before JDK 21
      return POOL;
    }
  }
}
