package dev.agentops.tracing.jdbc;

import dev.agentops.Attributes;
import dev.agentops.jdbc.DbText;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanJson;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A span as the database has it: what is asked for in columns, and the whole as a document. */
final class SpanRow {

  static final String INSERT =
      """
      INSERT INTO agentops_spans (seq, trace_id, span_id, parent_span_id, agent, action, status,
      session_id, user_id, request_model, response_model, start_nanos, duration_nanos,
      cost_pico_usd, search_text, document)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
      """;

  /** Between the texts that are searched, so that none is found across two of them. */
  private static final String BORDER = "\u0001";

  private static final int PICO_DIGITS = 12;
  private static final int LONG_DIGITS = 18;

  private final Span span;
  private final String traceId;
  private final long startNanos;
  private final String document;
  private final String searchText;
  private final Map<String, String> attributes = new TreeMap<>();

  SpanRow(Span span) {
    this.span = span;
    traceId = DbText.key(span.traceId());
    startNanos = epochNanos(span.startTime());
    document = SpanJson.write(span);
    searchText = DbText.clean(searchText(span, document));
    span.attributes()
        .forEach((name, value) -> attributes.put(DbText.key(name), attributeKey(value)));
  }

  String traceId() {
    return traceId;
  }

  long endNanos() {
    long end = startNanos + span.duration().toNanos();
    return end < startNanos && !span.duration().isNegative() ? Long.MAX_VALUE : end;
  }

  /** The attributes that can be asked for, as {@link #attributeKey} has their values. */
  Map<String, String> attributes() {
    return attributes;
  }

  /** About how much room it takes. */
  long bytes() {
    long bytes = document.length() + (long) searchText.length();
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      bytes += attribute.getKey().length() + attribute.getValue().length();
    }
    return bytes;
  }

  /** Sets the parameters of {@link #INSERT}. */
  void bind(PreparedStatement insert, long seq) throws SQLException {
    insert.setLong(1, seq);
    insert.setString(2, traceId);
    insert.setString(3, DbText.key(span.spanId()));
    bind(insert, 4, span.parentSpanId());
    insert.setString(5, DbText.key(span.agentName()));
    insert.setString(6, DbText.key(span.action()));
    insert.setString(7, span.status().name());
    bind(insert, 8, span.sessionId());
    bind(insert, 9, text(Attributes.USER_ID));
    bind(insert, 10, text(GenAiAttributes.REQUEST_MODEL));
    bind(insert, 11, text(GenAiAttributes.RESPONSE_MODEL));
    insert.setLong(12, startNanos);
    insert.setLong(13, span.duration().toNanos());
    insert.setLong(14, costPicoUsd());
    insert.setString(15, searchText);
    insert.setString(16, document);
  }

  /** The nanoseconds since 1970, those before 1678 and after 2261 as the first and last ones. */
  static long epochNanos(Instant time) {
    return nanos(time.getEpochSecond(), time.getNano());
  }

  /** The nanoseconds of a duration, those of more than 292 years as the longest. */
  static long nanos(Duration duration) {
    return nanos(duration.getSeconds(), duration.getNano());
  }

  /**
   * Whole pico-dollars, rounded down, but one at least for what is not nothing; beyond nine million
   * dollars, the most that fits.
   */
  static long picoUsd(BigDecimal usd) {
    BigDecimal amount = usd.signum() == 0 ? BigDecimal.ZERO : usd.stripTrailingZeros();
    long digits = (long) amount.precision() - amount.scale() + PICO_DIGITS;
    if (digits > LONG_DIGITS) {
      return amount.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    if (digits <= 0) { // far less than one, maybe so far that it could not be written out
      return amount.signum();
    }
    return amount.movePointRight(PICO_DIGITS).setScale(0, RoundingMode.FLOOR).longValue();
  }

  /** A text that two values of attributes have in common only if they are equal. */
  static String attributeKey(Object value) {
    if (value instanceof List<?> list) {
      StringBuilder text = new StringBuilder("List:");
      list.forEach(element -> text.append(element.toString().length()).append(':').append(element));
      return DbText.key(text.toString());
    }
    return DbText.key(value.getClass().getSimpleName() + ':' + value);
  }

  /** As the text of a query is compared with the search text. */
  static String searchable(String text) {
    return DbText.clean(text.toLowerCase(Locale.ROOT));
  }

  private static String searchText(Span span, String document) {
    Object input = span.input();
    Object output = span.output();
    if (!isText(input) || !isText(output)) {
      Span read = SpanJson.read(document); // without objects whose toString() may throw
      input = isText(input) ? input : read.input();
      output = isText(output) ? output : read.output();
    }
    return String.join(BORDER, span.name(), orEmpty(span.error()), orEmpty(input), orEmpty(output))
        .toLowerCase(Locale.ROOT);
  }

  private static boolean isText(@Nullable Object value) {
    return value == null || value instanceof String;
  }

  private static String orEmpty(@Nullable Object value) {
    return value == null ? "" : value.toString();
  }

  private @Nullable String text(String attribute) {
    return span.attribute(attribute) instanceof String text ? text : null;
  }

  private long costPicoUsd() {
    try {
      return span.cost().map(cost -> picoUsd(cost.usd())).orElse(0L);
    } catch (NumberFormatException | ArithmeticException e) { // an attribute that is no amount
      return 0;
    }
  }

  private static void bind(PreparedStatement statement, int at, @Nullable String text)
      throws SQLException {
    if (text == null) {
      statement.setNull(at, Types.VARCHAR);
    } else {
      statement.setString(at, DbText.key(text));
    }
  }

  private static long nanos(long seconds, int nano) {
    try {
      return Math.addExact(Math.multiplyExact(seconds, 1_000_000_000L), nano);
    } catch (ArithmeticException e) {
      return seconds < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }
}
