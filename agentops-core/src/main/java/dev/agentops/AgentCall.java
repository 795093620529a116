package dev.agentops;

import dev.langchain4j.data.message.UserMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One run of an agent: a method of an AI service, from its call to its result or the end of its
 * stream.
 *
 * <p>The calls of models, tools and retrievers that it makes have it for their {@link
 * Call#agent()}.
 */
public final class AgentCall extends Call {

  static final Key<AgentCall> KEY = Key.of("run of an agent");

  private final AgentOps ops;
  private final AgentMethod method;
  private final List<@Nullable Object> arguments;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile boolean started;
  private boolean deferred; // guarded by this
  private @Nullable Outcome<Object> completion; // guarded by this
  private final String runId;
  private @Nullable UUID invocationId; // guarded by this
  private @Nullable UserMessage userMessage; // guarded by this
  private @Nullable Usage usage; // guarded by this
  private @Nullable Cost cost; // guarded by this
  private @Nullable String finishReason; // guarded by this
  private int modelCalls; // guarded by this
  private @Nullable List<Runnable> atEnd = new ArrayList<>(0); // guarded by this; null at the end

  AgentCall(
      AgentOps ops, Context callerContext, AgentMethod method, List<@Nullable Object> arguments) {
    super(ops, callerContext);
    this.ops = ops;
    this.method = method;
    this.arguments = arguments;
    AgentCall outer = agent();
    this.runId = outer == null ? newId() : outer.runId;
    addToContext(KEY, this);
  }

  /**
   * The agent: the name in {@code @Agent} of langchain4j-agentic, else the simple name of the
   * interface.
   */
  public String agentName() {
    return method.agentName();
  }

  /** A text that this run, and the runs of agents inside of it, have for themselves. */
  public String runId() {
    return runId;
  }

  /** The full name of the interface that is called. */
  public String interfaceName() {
    return method.interfaceName();
  }

  /** The name of the method that is called. */
  public String methodName() {
    return method.methodName();
  }

  /** What the method is given, in order; unmodifiable. */
  public List<@Nullable Object> arguments() {
    return arguments;
  }

  /** The argument that is the {@code @MemoryId}, as text; null where the method has none. */
  public @Nullable String conversationId() {
    return method.conversationId(arguments);
  }

  /**
   * What LangChain4j made of the arguments, before anything was retrieved for it; null until it has
   * done so.
   */
  public synchronized @Nullable UserMessage userMessage() {
    return userMessage;
  }

  /**
   * What the chat models asked so far consumed together; null where none told. Agents that are
   * built with {@link AgentOps#aiServices} and run inside of this one count for themselves; AI
   * services that are not, and the agents of langchain4j-agentic, count here.
   */
  public synchronized @Nullable Usage usage() {
    return usage;
  }

  /** As {@link #usage()}, what they cost; null where no price is known. */
  public synchronized @Nullable Cost cost() {
    return cost;
  }

  /** Why the last model asked stopped, by LangChain4j's name; null where it did not tell. */
  public synchronized @Nullable String finishReason() {
    return finishReason;
  }

  /** How many calls of chat models have ended; of those inside, as {@link #usage()}. */
  public synchronized int modelCalls() {
    return modelCalls;
  }

  synchronized void add(ModelCall call, @Nullable String reason) {
    modelCalls++;
    Usage used = call.usage();
    if (used != null) {
      usage = usage == null ? used : usage.plus(used);
    }
    Cost billed = call.cost();
    if (billed != null) {
      cost = cost == null ? billed : cost.plus(billed);
    }
    if (reason != null) {
      finishReason = reason;
    }
  }

  /**
   * LangChain4j has begun.
   *
   * @param id under which the run is found from threads of others; null for none
   */
  void begun(@Nullable UUID id, @Nullable UserMessage message) {
    if (id != null) {
      ops.invocations().remember(id, context());
    }
    synchronized (this) {
      invocationId = id;
      userMessage = message;
    }
    if (id != null && ended.get()) { // meanwhile
      ops.invocations().forget(id);
    }
  }

  /** The stream that the method returned has begun. */
  void started() {
    started = true;
  }

  /**
   * The method has returned a stream: the run ends when that does, unless it has done so already.
   */
  void defer() {
    Outcome<Object> early;
    synchronized (this) {
      deferred = true;
      early = completion;
    }
    if (early != null) {
      end(early);
    }
  }

  /** LangChain4j says that the run is complete: the end of a stream, else a step on the way. */
  void complete(@Nullable Object result) {
    Outcome<Object> outcome = Outcome.answered(result);
    synchronized (this) {
      if (!deferred) {
        completion = outcome;
        return;
      }
    }
    end(outcome);
  }

  /** Nobody holds the stream any more: if it never began, it never will. */
  void released() {
    if (!started) {
      end(Outcome.abandoned());
    }
  }

  /** Unique without the cost and the locks of a secure random number. */
  private static String newId() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return new UUID(random.nextLong(), random.nextLong()).toString();
  }

  boolean hasEnded() {
    return ended.get();
  }

  /**
   * Adds what is to be done when the run has ended and everybody was told; on the thread that ends
   * it, here and now if it has ended already. What it throws is counted as a fault.
   */
  public void whenEnded(Runnable action) {
    Objects.requireNonNull(action, "action");
    synchronized (this) {
      if (atEnd != null) {
        atEnd.add(action);
        return;
      }
    }
    ops.attempt("an action at the end of a run", action);
  }

  /** Ends the run, unless it has ended. */
  void end(Outcome<Object> outcome) {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    UUID id;
    synchronized (this) {
      id = invocationId;
    }
    if (id != null) {
      ops.invocations().forget(id);
    }
    ThrowingGuardrail.tell(ops, this, outcome.error());
    ops.chains().agents().finish(this, outcome);
    List<Runnable> actions;
    synchronized (this) {
      actions = Objects.requireNonNull(atEnd, "ends once");
      atEnd = null;
    }
    actions.forEach(action -> ops.attempt("an action at the end of a run", action));
  }
}
