package dev.agentops.cache;

import dev.agentops.WeakIdentityMap;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import java.lang.reflect.Field;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A hash over LangChain4j's objects, which knows which of them it has seen already. Not
 * thread-safe; what is remembered is shared by all.
 */
final class RequestHash extends CanonicalHash {

  private static final String LANGCHAIN4J = "dev.langchain4j.";
  private static final int MAXIMUM_REMEMBERED = 10_000;

  /** The hashes of tools and schemas, as far as these cannot change. */
  private static final WeakIdentityMap<Object, byte[]> REMEMBERED =
      new WeakIdentityMap<>(MAXIMUM_REMEMBERED);

  private List<String> toolCallIds = List.of();
  private final boolean within;

  /** A hash by this digest, which nobody else uses before {@link #finish}. */
  RequestHash(MessageDigest digest) {
    this(digest, false);
  }

  /** A hash; {@code within} if it is of an object whose hash is to be remembered. */
  private RequestHash(MessageDigest digest, boolean within) {
    super(RequestHash::isData, digest);
    this.within = within;
  }

  /** The ids of tool calls that were met, in their order, each as often as it was met. */
  List<String> toolCallIds() {
    return toolCallIds;
  }

  @Override
  @Nullable Object fieldValue(Field field, @Nullable Object value) {
    Class<?> owner = field.getDeclaringClass();
    if (value instanceof String id && isToolCallId(field, owner)) {
      if (toolCallIds.isEmpty()) {
        toolCallIds = new ArrayList<>();
      }
      toolCallIds.add(id);
      return true; // there is one
    }
    // LangChain4j's only map that may yet be filled: MessageChain looks whether it was
    return owner == UserMessage.class && value instanceof Map<?, ?> map && map.isEmpty()
        ? Map.of()
        : value;
  }

  @Override
  byte @Nullable [] known(Object object) {
    if (within || !(object instanceof ToolSpecification || object instanceof JsonSchema)) {
      return null;
    }
    byte[] remembered = REMEMBERED.get(object);
    if (remembered != null) {
      return remembered;
    }
    RequestHash hash = new RequestHash(sha256(), true);
    hash.add(object);
    byte[] digest = hash.finish();
    if (hash.isFrozen()) {
      REMEMBERED.put(object, digest);
    }
    return digest;
  }

  /** A schema's properties are shown to the model, and filled in by it, in their order. */
  @Override
  boolean ordered(Map<?, ?> map) {
    return map.values().stream().anyMatch(JsonSchemaElement.class::isInstance);
  }

  private static boolean isToolCallId(Field field, Class<?> owner) {
    return (owner == ToolExecutionRequest.class || owner == ToolExecutionResultMessage.class)
        && field.getName().equals("id");
  }

  private static boolean isData(Object object) {
    return object instanceof ChatMessage
        || object instanceof Content
        || object instanceof ChatRequestParameters
        || object instanceof JsonSchemaElement
        || object.getClass().getName().startsWith(LANGCHAIN4J);
  }
}
