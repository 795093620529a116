package dev.agentops.guard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.jspecify.annotations.Nullable;

/** 64-bit hashes of what an agent says and does, under which the same things are the same. */
final class Fingerprint {

  static final long EMPTY = 0xcbf29ce484222325L;

  private static final long PRIME = 0x100000001b3L;

  /** Longer arguments are compared as they are. */
  private static final int LONGEST_JSON = 64 * 1024;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private Fingerprint() {}

  /** Of a tool and its arguments, whatever the order of their fields and their white space. */
  static long ofTool(@Nullable String name, @Nullable String arguments) {
    return add(add(EMPTY, name), canonical(arguments));
  }

  /** Of what was before and one more text; FNV-1a over its characters. */
  static long add(long before, @Nullable String text) {
    if (text == null) {
      return add(before, -1);
    }
    long hash = before;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * PRIME;
    }
    return add(hash, text.length()); // "a", "b" is not "ab", ""
  }

  /** Of what was before and one more number. */
  static long add(long before, long number) {
    long hash = (before ^ number) * PRIME;
    return hash ^ (hash >>> 32);
  }

  private static String canonical(@Nullable String arguments) {
    String text = arguments == null ? "" : arguments.strip();
    if (text.isEmpty()) {
      return "{}"; // a tool without parameters
    }
    if (text.length() > LONGEST_JSON) {
      return text;
    }
    try {
      return JSON.writeValueAsString(JSON.readValue(text, Object.class));
    } catch (JsonProcessingException e) { // models do write broken JSON
      return text;
    }
  }
}
