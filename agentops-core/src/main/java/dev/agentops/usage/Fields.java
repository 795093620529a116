package dev.agentops.usage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Reads fields that providers spell differently: each method takes the first that is there. */
final class Fields {

  private static final int WHOLE_DIGITS = 15;
  private static final int DECIMALS = 40;

  private Fields() {}

  /** A number of tokens; 0 where none of the names is there. */
  static long count(JsonNode node, String... names) {
    Long told = told(node, names);
    return told == null ? 0 : told;
  }

  /**
   * A number of tokens; null where none of the names is there.
   *
   * @throws IllegalArgumentException if it is there, and no whole number from zero up
   */
  static @Nullable Long told(JsonNode node, String... names) {
    for (String name : names) {
      JsonNode value = node.path(name);
      if (!value.isMissingNode() && !value.isNull()) {
        if (!value.canConvertToExactIntegral()
            || !value.canConvertToLong()
            || value.longValue() < 0) {
          throw new IllegalArgumentException(name + " is not a count: " + shown(value));
        }
        return value.longValue();
      }
    }
    return null;
  }

  /**
   * An amount that need not be whole; null where there is no number of this name.
   *
   * @throws IllegalArgumentException if it is negative, or has more than {@value #WHOLE_DIGITS}
   *     digits before its point or {@value #DECIMALS} behind it: no provider bills so, and
   *     arithmetic with such a number may take all memory
   */
  static @Nullable BigDecimal amount(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (!value.isNumber()) {
      return null;
    }
    BigDecimal amount = value.decimalValue();
    if (amount.signum() == 0) {
      return BigDecimal.ZERO; // 0e900000 is one, too
    }
    if (amount.signum() < 0) {
      throw new IllegalArgumentException(name + " must not be negative: " + shown(amount));
    }
    BigDecimal stripped = amount.stripTrailingZeros();
    if ((long) stripped.precision() - stripped.scale() > WHOLE_DIGITS
        || stripped.scale() > DECIMALS) {
      throw new IllegalArgumentException(name + " is not an amount: " + shown(amount));
    }
    return amount;
  }

  /** An object; the missing node where none of the names is one. */
  static JsonNode object(JsonNode node, String... names) {
    for (String name : names) {
      if (node.path(name).isObject()) {
        return node.path(name);
      }
    }
    return MissingNode.getInstance();
  }

  /** A text that is not blank; null where none of the names is one. */
  static @Nullable String text(JsonNode node, String... names) {
    for (String name : names) {
      if (node.path(name).isTextual() && !node.path(name).textValue().isBlank()) {
        return node.path(name).textValue();
      }
    }
    return null;
  }

  static boolean hasAny(JsonNode node, String... names) {
    for (String name : names) {
      if (node.hasNonNull(name)) {
        return true;
      }
    }
    return false;
  }

  static String shown(Object value) {
    String text = String.valueOf(value);
    return text.length() <= 200 ? text : text.substring(0, 200) + "...";
  }
}
