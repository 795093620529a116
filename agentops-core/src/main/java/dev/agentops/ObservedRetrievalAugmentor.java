package dev.agentops;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.rag.AugmentationRequest;
import dev.langchain4j.rag.AugmentationResult;
import dev.langchain4j.rag.RetrievalAugmentor;
import dev.langchain4j.rag.query.Metadata;
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
    RetrievalCall call =
        new RetrievalCall(ops, Context.current(), dataSource, textOf(request.chatMessage()));
    return Observation.run(
        call,
        ops.chains().retrievals(),
        () -> augment(request, call),
        AugmentationResult::contents,
        answer -> {
          throw new IllegalStateException("a retrieval cannot be answered for: " + answer);
        });
  }

  private AugmentationResult augment(AugmentationRequest request, RetrievalCall call) {
    UUID id = invocationId(request.metadata());
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

  private static @Nullable UUID invocationId(@Nullable Metadata metadata) {
    return metadata == null ? null : metadata.invocationContext().invocationId();
  }

  private static String textOf(ChatMessage message) {
    return message instanceof UserMessage user && user.hasSingleText()
        ? user.singleText()
        : message.toString();
  }
}
