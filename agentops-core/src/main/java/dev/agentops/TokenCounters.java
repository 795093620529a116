package dev.agentops;

import dev.agentops.usage.JTokkitTokenCounter;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The token counter of those who choose none: JTokkit's where its jar is there, else by length. */
final class TokenCounters {

  private static final Logger log = LoggerFactory.getLogger(TokenCounters.class);
  private static final AtomicBoolean WARMED = new AtomicBoolean();
  private static volatile boolean warm;

  private TokenCounters() {}

  static TokenCounter standard() {
    return Holder.STANDARD;
  }

  /**
   * Has JTokkit read its table on a thread of its own, once, so that no call waits for it; does
   * nothing where the jar is not there.
   */
  static void warmUp() {
    if (standard() instanceof JTokkitTokenCounter && WARMED.compareAndSet(false, true)) {
      Thread thread = new Thread(TokenCounters::readTable, "agentops-token-table");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /** Whether the table has been read. */
  static boolean warm() {
    return warm;
  }

  private static void readTable() {
    try {
      standard().count(null, "table");
      warm = true;
    } catch (RuntimeException | Error e) {
      log.debug("JTokkit cannot read its table; the first count will say why", e);
    }
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
