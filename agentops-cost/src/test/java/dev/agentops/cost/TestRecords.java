package dev.agentops.cost;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The records of a ledger as a list. */
final class TestRecords {

  private TestRecords() {}

  static List<UsageRecord> of(UsageLedger ledger) {
    List<UsageRecord> records = new ArrayList<>();
    ledger.records(Instant.MIN, Instant.MAX, records::add);
    return records;
  }
}
