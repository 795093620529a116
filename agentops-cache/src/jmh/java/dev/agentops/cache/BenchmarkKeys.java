package dev.agentops.cache;

import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The keys of a benchmark, asked for in turn, and their values of a kilobyte. */
@State(Scope.Thread)
public class BenchmarkKeys {

  static final int COUNT = 1 << 12;
  static final String[] KEYS = new String[COUNT];
  static final String VALUE = "v".repeat(1024);

  static {
    for (int i = 0; i < COUNT; i++) {
      KEYS[i] = "%064x".formatted(i * 2654435761L);
    }
  }

  private int next = ThreadLocalRandom.current().nextInt(COUNT);

  String next() {
    return KEYS[next++ & (COUNT - 1)];
  }
}
