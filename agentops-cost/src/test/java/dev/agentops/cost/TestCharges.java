package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Usage;
import dev.agentops.UsageReport;
import java.time.Instant;

/** Charges as calls make them. */
final class TestCharges {

  private TestCharges() {}

  static Charge of(String model, Usage usage) {
    return new Charge(
        Instant.parse("2026-06-01T12:00:00Z"),
        UsageRecord.CHAT,
        "acme",
        model,
        null,
        UsageReport.of(usage),
        0,
        Attributes.empty(),
        null,
        true,
        null,
        null);
  }
}
