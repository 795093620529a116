package dev.agentops;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers in which context a model asked for a tool, so that the tool finds it on whatever thread
 * it runs.
 *
 * <p>LangChain4j hands the very request object of the model's answer to the tool, hence identity is
 * the key: equal requests of two conversations never mix. Keys are weak and entries are taken out
 * on use, so nothing outlives the conversation that holds the request.
 */
final class ToolCallOrigins {

  private static final int MAXIMUM = 100_000;

  private final ConcurrentMap<Ref, Context> origins = new ConcurrentHashMap<>();
  private final ReferenceQueue<ToolExecutionRequest> collected = new ReferenceQueue<>();

  void remember(@Nullable AiMessage message, Context context) {
    if (message != null && message.hasToolExecutionRequests()) {
      message.toolExecutionRequests().forEach(request -> remember(request, context));
    }
  }

  void remember(ToolExecutionRequest request, Context context) {
    for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
      origins.remove(gone);
    }
    if (context != Context.root() && origins.size() < MAXIMUM) {
      // one object for two conversations at a time, from a model that answers with a constant:
      // rather none than another's
      origins.merge(new Ref(request, collected), context, (a, b) -> a == b ? a : Context.root());
    }
  }

  /**
   * The context in which a model asked for this; null where it is not known, or was taken already.
   */
  @Nullable Context take(ToolExecutionRequest request) {
    Ref key = new Ref(request, null);
    Context origin = origins.get(key);
    if (origin == Context.root()) { // asked for by several; forgotten with the request
      return null;
    }
    return origins.remove(key);
  }

  int size() {
    return origins.size();
  }

  private static final class Ref extends WeakReference<ToolExecutionRequest> {

    private final int hash;

    Ref(ToolExecutionRequest request, @Nullable ReferenceQueue<ToolExecutionRequest> queue) {
      super(request, queue);
      this.hash = System.identityHashCode(request);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      if (this == other) {
        return true;
      }
      ToolExecutionRequest mine = get();
      return mine != null && other instanceof Ref that && that.get() == mine;
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }
}
