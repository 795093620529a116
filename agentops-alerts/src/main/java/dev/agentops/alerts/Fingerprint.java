package dev.agentops.alerts;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;

/**
 * The identity of a set of labels: FNV-1a, 64 bits, over each name and value followed by 0xff, as
 * Prometheus does it.
 */
final class Fingerprint {

  private static final long OFFSET_BASIS = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;
  private static final int SEPARATOR = 0xff; // never occurs in UTF-8

  private Fingerprint() {}

  static long of(SortedMap<String, String> labels) {
    long hash = OFFSET_BASIS;
    for (Map.Entry<String, String> label : labels.entrySet()) {
      hash = add(hash, label.getKey());
      hash = add(hash, label.getValue());
    }
    return hash;
  }

  /** As Alertmanager shows it: 16 hexadecimal digits. */
  static String text(long fingerprint) {
    return HexFormat.of().toHexDigits(fingerprint);
  }

  private static long add(long hash, String text) {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * PRIME;
    }
    return (hash ^ SEPARATOR) * PRIME;
  }
}
