package dev.agentops.cache;

import dev.agentops.Attributes;
import dev.agentops.Call;
import dev.agentops.ModelCall;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which answers of a {@link ResponseCache} are kept, how long, and under which tags. Immutable. */
final class AnswerPolicy {

  private final boolean toolCalls;
  private final int minimumLength;
  private final double maximumTemperature;
  private final BiPredicate<ModelCall, ChatResponse> keep;
  private final BiFunction<ModelCall, ChatResponse, @Nullable Duration> timeToLive;
  private final Function<ModelCall, Collection<String>> tags;

  AnswerPolicy(
      boolean toolCalls,
      int minimumLength,
      double maximumTemperature,
      BiPredicate<ModelCall, ChatResponse> keep,
      BiFunction<ModelCall, ChatResponse, @Nullable Duration> timeToLive,
      Function<ModelCall, Collection<String>> tags) {
    this.toolCalls = toolCalls;
    this.minimumLength = minimumLength;
    this.maximumTemperature = maximumTemperature;
    this.keep = keep;
    this.timeToLive = timeToLive;
    this.tags = tags;
  }

  /** Whether calls of this kind are cached at all. */
  boolean covers(ModelCall call) {
    Double temperature = call.request().temperature();
    return temperature == null || temperature <= maximumTemperature;
  }

  /** The answer as it is to be kept; null where it is not. */
  @Nullable CacheEntry<KeptAnswer> entry(ModelCall call, KeptAnswer answer) {
    ChatResponse response = answer.response();
    if (!isComplete(response) || !keep.test(call, response)) {
      return null;
    }
    Duration time = timeToLive.apply(call, response);
    if (time == null || time.isZero() || time.isNegative()) {
      return null;
    }
    Set<String> all = new LinkedHashSet<>();
    for (String tag : tags.apply(call)) {
      all.add(tag(tag));
    }
    addOwners(all, call);
    return CacheEntry.of(answer.plain()).timeToLive(time).tags(all.toArray(String[]::new));
  }

  /** The tag of the application's own that a store gets to see. */
  static String tag(String tag) {
    return CacheKeys.of("tag:" + tag);
  }

  /** The tag of all answers that were given to whom this attribute names. */
  static String ownerTag(String attribute, Object value) {
    return CacheKeys.of(attribute + ":" + value);
  }

  /** Adds the tags of those whose call it is. */
  static void addOwners(Set<String> tags, Call call) {
    addOwner(tags, call, Attributes.TENANT);
    addOwner(tags, call, Attributes.USER_ID);
  }

  private static void addOwner(Set<String> tags, Call call, String attribute) {
    Object owner = RequestKey.named(call, attribute);
    if (owner != null) {
      tags.add(ownerTag(attribute, owner));
    }
  }

  private boolean isComplete(ChatResponse response) {
    return isComplete(response, toolCalls, minimumLength);
  }

  /** Whether a model has said all that it had to say, and that is worth keeping. */
  static boolean isComplete(ChatResponse response, boolean toolCalls, int minimumLength) {
    AiMessage message = response.aiMessage();
    FinishReason reason = response.metadata() == null ? null : response.finishReason();
    boolean complete = reason == null || reason == FinishReason.STOP; // some models do not tell
    if (message.hasToolExecutionRequests()) {
      return toolCalls && (complete || reason == FinishReason.TOOL_EXECUTION);
    }
    String text = message.text() == null ? "" : message.text().strip();
    return complete && !text.isEmpty() && text.length() >= minimumLength;
  }
}
