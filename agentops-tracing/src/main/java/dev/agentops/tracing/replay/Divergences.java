package dev.agentops.tracing.replay;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** Says in what way a call that came is not the recorded one. */
final class Divergences {

  private Divergences() {}

  /** How many messages two conversations have in common at their beginning. */
  static int commonMessages(JsonNode recorded, JsonNode came) {
    int shorter = Math.min(recorded.size(), came.size());
    for (int i = 0; i < shorter; i++) {
      if (JsonDifference.between(recorded.path(i), came.path(i)) != null) {
        return i;
      }
    }
    return shorter;
  }

  /** Between a recorded call and one that is not equal to it. */
  static Divergence between(RecordedCall recorded, JsonNode came) {
    return recorded.isModelCall()
        ? betweenMessages(recorded, came)
        : at(recorded, "arguments", recorded.input(), came);
  }

  static Divergence modelCallTooMany(int step, JsonNode came) {
    return new Divergence(
        step,
        "model call " + step,
        "no further model call",
        "one that ends with " + JsonDifference.excerpt(came.path(came.size() - 1)));
  }

  static Divergence toolCallTooMany(
      String tool, int step, JsonNode came, @Nullable RecordedCall next) {
    return new Divergence(
        step,
        RecordedCall.describeTool(tool, step),
        next == null ? "no further tool call" : "no further call of it, but one of " + next.tool(),
        "one with the arguments " + JsonDifference.excerpt(came));
  }

  /** An equal call that came before one that the record has first. */
  static Divergence tooEarly(RecordedCall came, RecordedCall first) {
    return new Divergence(
        first.step(), first.describe(), "this one first", came.describe() + " before it");
  }

  static Divergence cancelled(RecordedCall call, boolean recorded) {
    String cancelled = "a stream that the caller cancelled";
    String whole = "a stream that was read to its end";
    return new Divergence(
        call.step(), call.describe(), recorded ? cancelled : whole, recorded ? whole : cancelled);
  }

  private static Divergence betweenMessages(RecordedCall recorded, JsonNode came) {
    int index = commonMessages(recorded.input(), came);
    JsonNode old = recorded.input().path(index);
    JsonNode now = came.path(index);
    String role = old.path("role").asText(now.path("role").asText());
    String message = "message " + index + (role.isEmpty() ? "" : " (" + role + ')');
    return old.isMissingNode() || now.isMissingNode() || !old.path("role").equals(now.path("role"))
        ? new Divergence(
            recorded.step(),
            recorded.describe() + ", " + message,
            JsonDifference.excerpt(old),
            JsonDifference.excerpt(now))
        : at(recorded, message, old, now);
  }

  private static Divergence at(RecordedCall recorded, String what, JsonNode old, JsonNode now) {
    JsonDifference difference = JsonDifference.between(old, now);
    if (difference == null) {
      throw new IllegalArgumentException("no difference in " + what);
    }
    String path = difference.path();
    return new Divergence(
        recorded.step(),
        recorded.describe() + ", " + what + (path.isEmpty() ? "" : ", " + path),
        difference.recorded(),
        difference.actual());
  }
}
