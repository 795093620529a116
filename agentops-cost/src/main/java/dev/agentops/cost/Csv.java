package dev.agentops.cost;

import java.io.IOException;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Writes CSV as RFC 4180 wants it: commas, CRLF, quotes where needed. A text that a spreadsheet
 * would take for a formula gets an apostrophe in front. Not thread-safe.
 */
final class Csv {

  private static final String FORMULA_STARTS = "=+-@\t\r＝＋－＠";

  private final Appendable out;
  private boolean begun;

  Csv(Appendable out) {
    this.out = out;
  }

  /** A text that may come from anywhere; empty for null. */
  Csv text(@Nullable String text) throws IOException {
    if (text == null || text.isEmpty()) {
      return cell("");
    }
    return cell(FORMULA_STARTS.indexOf(text.charAt(0)) < 0 ? text : "'" + text);
  }

  Csv number(long number) throws IOException {
    return cell(Long.toString(number));
  }

  Csv number(BigDecimal number) throws IOException {
    return cell(number.toPlainString());
  }

  void endLine() throws IOException {
    out.append("\r\n");
    begun = false;
  }

  private Csv cell(String text) throws IOException {
    if (begun) {
      out.append(',');
    }
    begun = true;
    boolean quoted = text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
    out.append(quoted ? '"' + text.replace("\"", "\"\"") + '"' : text);
    return this;
  }
}
