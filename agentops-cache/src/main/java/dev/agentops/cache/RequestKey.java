package dev.agentops.cache;

import dev.agentops.Attributes;
import dev.agentops.Call;
import dev.agentops.ModelCall;
import dev.langchain4j.model.chat.request.ChatRequest;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * The key of a model call: a hash over whose call it is and everything that decides the answer.
 *
 * <p>That is, in this order: a version, the scope (tenant, and the user unless answers are shared),
 * the version of the prompt, the provider, the parameters with the model's defaults filled in
 * (model, temperature, tools, schema, whatever a provider adds), and every message with every
 * field. The session is not a part of it: a conversation is told apart by its messages. The one
 * thing left out is the spelling of tool call ids, which providers draw at random: the n-th id of a
 * request counts as n, so that a turn that went through tools is recognised, and a result that
 * belongs to another call is not.
 */
final class RequestKey {

  private static final String VERSION = "agentops-request-2";

  private RequestKey() {}

  /**
   * The key, as 64 hexadecimal digits.
   *
   * @throws CanonicalHash.UnhashableException if the request holds something that is not known to
   *     be data
   */
  static String of(ModelCall call, boolean shared) {
    return of(call, call.request(), shared);
  }

  /** The key of another request than the call's own, made in its name. */
  static String of(ModelCall call, ChatRequest request, boolean shared) {
    MessageDigest sha256 = CanonicalHash.sha256();
    byte[] messages = MessageChain.hash(request.messages(), sha256);
    RequestHash key = new RequestHash(sha256);
    key.add(VERSION);
    addScope(key, call, shared);
    key.add(call.attributes().get(Attributes.PROMPT_VERSION));
    key.add(call.provider());
    key.add(request.parameters());
    key.add(messages);
    return key.finishHex();
  }

  /** Adds whose call it is. */
  static void addScope(CanonicalHash key, Call call, boolean shared) {
    key.add(named(call, Attributes.TENANT));
    key.add(shared);
    key.add(shared ? null : named(call, Attributes.USER_ID));
  }

  /**
   * Who this attribute names; null where it is missing or blank, as a host sends it that does not
   * know.
   */
  static @Nullable Object named(Call call, String attribute) {
    Object value = call.attributes().get(attribute);
    return value instanceof String text && text.isBlank() ? null : value;
  }
}
