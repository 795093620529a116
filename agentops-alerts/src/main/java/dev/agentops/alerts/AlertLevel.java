package dev.agentops.alerts;

import java.util.Locale;

/** How bad it is, from least to worst. */
public enum AlertLevel {
  /** Worth knowing. */
  INFO,
  /** Will become a problem if nobody looks. */
  WARNING,
  /** Something does not work. */
  ERROR,
  /** Somebody must act now. */
  CRITICAL;

  /** The value of the label {@value Alert#SEVERITY}: the name in lower case. */
  String severity() {
    return name().toLowerCase(Locale.ROOT);
  }
}
