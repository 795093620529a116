package dev.agentops.alerts.promql;

import dev.agentops.AgentOpsException;

/**
 * An expression that cannot be read, or that has no result: series that do not match one to one,
 * too many samples. The message says where, or which series.
 */
public final class ExpressionException extends AgentOpsException {

  private static final long serialVersionUID = 1L;

  ExpressionException(String message) {
    super(message);
  }

  /** What is wrong at a place of the text. */
  static ExpressionException at(String text, int offset, String message) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < offset && i < text.length(); i++) {
      boolean newLine = text.charAt(i) == '\n';
      line += newLine ? 1 : 0;
      column = newLine ? 1 : column + 1;
    }
    return new ExpressionException(line + ":" + column + ": " + message);
  }
}
