package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SpanIdsTest {

  @Test
  void newTraceId_isW3cShapedAndUnique() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      String id = SpanIds.traceId(SpanIds.next(), SpanIds.next());
      assertThat(SpanIds.isW3cTraceId(id)).as(id).isTrue();
      assertThat(seen.add(id)).isTrue();
    }
  }

  @Test
  void newSpanId_isHexAndUnique() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      String id = SpanIds.spanId(SpanIds.next());
      assertThat(id).matches("[0-9a-f]{16}").isNotEqualTo("0".repeat(16));
      assertThat(seen.add(id)).isTrue();
    }
  }

  @Test
  void isW3cTraceId_otherTexts() {
    assertThat(SpanIds.isW3cTraceId("trace_1")).isFalse();
    assertThat(SpanIds.isW3cTraceId("0".repeat(32))).isFalse();
    assertThat(SpanIds.isW3cTraceId("A".repeat(32))).isFalse();
    assertThat(SpanIds.isW3cTraceId("a".repeat(33))).isFalse();
  }
}
