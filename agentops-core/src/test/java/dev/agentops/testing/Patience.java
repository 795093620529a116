package dev.agentops.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets every test wait long enough for what has to come: on a machine that does other things, too,
 * ten seconds are not long. Found by JUnit wherever this jar is on the class path.
 */
public final class Patience implements BeforeAllCallback {

  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  /** A tenth of a second, as Awaitility has it, is long for what mostly takes a millisecond. */
  private static final Duration POLL = Duration.ofMillis(5);

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(TIMEOUT);
    Awaitility.setDefaultPollDelay(POLL);
    Awaitility.setDefaultPollInterval(POLL);
  }
}
