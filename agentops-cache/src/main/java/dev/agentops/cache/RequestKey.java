package dev.agentops.cache;

import dev.agentops.Attributes;
import dev.agentops.ModelCall;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The key of a model call: a hash over whose call it is and everything that decides the answer.
 *
 * <p>That is, in this order: a version, the scope (tenant, and the user unless answers are shared),
 * the provider, the parameters with the model's defaults filled in (model, temperature, tools,
 * schema, whatever a provider adds), and every message with every field. The session is not a part
 * of it: a conversation is told apart by its messages. The one thing left out is the spelling of
 * tool call ids, which providers draw at random: the n-th id of a request counts as n, so that a
 * turn that went through tools is recognised, and a result that belongs to another call is not.
 */
final class RequestKey extends CanonicalHash {

  private static final String VERSION = "agentops-request-1";
  private static final String LANGCHAIN4J = "dev.langchain4j.";

  private final Map<String, Integer> toolCallIds = new HashMap<>();

  private RequestKey() {
    super(RequestKey::isData);
  }

  /**
   * The key, as 64 hexadecimal digits.
   *
   * @throws UnhashableException if the request holds something that is not known to be data
   */
  static String of(ModelCall call, boolean shared) {
    RequestKey key = new RequestKey();
    key.add(VERSION);
    key.add(named(call, Attributes.TENANT));
    key.add(shared);
    key.add(shared ? null : named(call, Attributes.USER_ID));
    key.add(call.provider());
    key.add(call.request().parameters());
    key.add(call.request().messages());
    return key.finish();
  }

  /**
   * Who this attribute names; null where it is missing or blank, as a host sends it that does not
   * know.
   */
  static @Nullable Object named(ModelCall call, String attribute) {
    Object value = call.attributes().get(attribute);
    return value instanceof String text && text.isBlank() ? null : value;
  }

  @Override
  @Nullable Object fieldValue(Field field, @Nullable Object value) {
    Class<?> owner = field.getDeclaringClass();
    boolean toolCallId =
        field.getName().equals("id")
            && (owner == ToolExecutionRequest.class || owner == ToolExecutionResultMessage.class);
    return toolCallId && value instanceof String id
        ? (Object) toolCallIds.computeIfAbsent(id, unseen -> toolCallIds.size())
        : value;
  }

  /** A schema's properties are shown to the model, and filled in by it, in their order. */
  @Override
  boolean ordered(Map<?, ?> map) {
    return map.values().stream().anyMatch(JsonSchemaElement.class::isInstance);
  }

  private static boolean isData(Object object) {
    return object instanceof ChatMessage
        || object instanceof Content
        || object instanceof ChatRequestParameters
        || object instanceof JsonSchemaElement
        || object.getClass().getName().startsWith(LANGCHAIN4J);
  }
}
