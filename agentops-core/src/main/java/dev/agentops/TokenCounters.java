package dev.agentops;

import dev.agentops.usage.JTokkitTokenCounter;
import org.jspecify.annotations.Nullable;

/** The token counter of those who choose none: JTokkit's where its jar is there, else by length. */
final class TokenCounters {

  private TokenCounters() {}

  static TokenCounter standard() {
    return Holder.STANDARD;
  }

  private static long byLength(@Nullable String model, String text) {
    return TokenEstimate.byLength().of(text);
  }

  /** Looks for the jar once, when the first usage is missing. */
  private static final class Holder {

    static final TokenCounter STANDARD = find();

    private static TokenCounter find() {
      try {
        return JTokkitTokenCounter.create();
      } catch (IllegalStateException e) { // the jar is not there
        return TokenCounters::byLength;
      }
    }
  }
}
