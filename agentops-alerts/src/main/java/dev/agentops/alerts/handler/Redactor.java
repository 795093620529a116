package dev.agentops.alerts.handler;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes secrets out of what others say. Immutable. */
final class Redactor {

  private static final int LONGEST_LINE = 300;

  private final List<Secret> secrets;

  Redactor(List<Secret> secrets) {
    this.secrets = List.copyOf(secrets);
  }

  /** A text of others, fit for a message: one line, not long, without secrets. */
  String line(String text) {
    return TextUnit.CODE_POINTS.cut(PlainText.clean(redact(text)), LONGEST_LINE);
  }

  /** The failure, if neither it nor what caused it tells a secret; otherwise null. */
  @Nullable Throwable safe(Throwable failure) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    return tells(failure, seen) ? null : failure;
  }

  private boolean tells(@Nullable Throwable failure, Set<Throwable> seen) {
    if (failure == null || !seen.add(failure)) {
      return false;
    }
    String text = failure.toString();
    if (!redact(text).equals(text) || tells(failure.getCause(), seen)) {
      return true;
    }
    for (Throwable suppressed : failure.getSuppressed()) {
      if (tells(suppressed, seen)) {
        return true;
      }
    }
    return false;
  }

  private String redact(String text) {
    String redacted = text;
    for (Secret secret : secrets) {
      redacted = secret.redact(redacted);
    }
    return redacted;
  }
}
