package dev.agentops.cost;

import java.time.ZoneId;

class InMemoryUsageLedgerTest extends UsageLedgerContract {

  @Override
  protected UsageLedger create(ZoneId zone, int maximumValues) {
    return InMemoryUsageLedger.builder()
        .zone(zone)
        .maximumValues(maximumValues)
        .cross("team", UsageLedger.MODEL)
        .build();
  }
}
