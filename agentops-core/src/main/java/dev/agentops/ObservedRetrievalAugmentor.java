package dev.agentops;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.rag.AugmentationRequest;
import dev.langchain4j.rag.AugmentationResult;
import dev.langchain4j.rag.RetrievalAugmentor;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A retrieval augmentor behind the chain: a retrieval as a whole, with all that is asked on the
 * way, on whatever thread.
 */
final class ObservedRetrievalAugmentor implements RetrievalAugmentor {

  private final AgentOps ops;
  private final RetrievalAugmentor delegate;
  private final String dataSource;

  ObservedRetrievalAugmentor(AgentOps ops, RetrievalAugmentor delegate, String dataSource) {
    this.ops = ops;
    this.delegate = delegate;
    this.dataSource = dataSource;
  }

  boolean isOf(AgentOps other) {
    return ops == other;
  }

  @Override
  public AugmentationResult augment(AugmentationRequest request) {
    InvocationContext invocation =
        request.metadata() == null ? null : request.metadata().invocationContext();
    Context context = Context.current();
    RetrievalCall call =
        new RetrievalCall(ops, context, invocation, dataSource, textOf(request.chatMessage()));
    return Observation.run(
        call,
        ops.chains().retrievals(),
        () -> augment(request, call, invocation),
        AugmentationResult::contents,
        answer -> {
          throw new IllegalStateException("a retrieval cannot be answered for: " + answer);
        });
  }

  private AugmentationResult augment(
      AugmentationRequest request, RetrievalCall call, @Nullable InvocationContext invocation) {
    UUID id = invocation == null ? null : invocation.invocationId();
    if (id == null) {
      return delegate.augment(request);
    }
    Context around = ops.invocations().remember(id, call.context());
    try {
      return delegate.augment(request);
    } finally {
      if (around == null) {
        ops.invocations().forget(id);
      } else {
        ops.invocations().remember(id, around);
      }
    }
  }

  private static String textOf(ChatMessage message) {
    return message instanceof UserMessage user && user.hasSingleText()
        ? user.singleText()
        : message.toString();
  }
}
