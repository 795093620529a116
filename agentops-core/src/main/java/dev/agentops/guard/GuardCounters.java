package dev.agentops.guard;

import java.util.concurrent.atomic.LongAdder;

/** What a guard has counted since it was built. Thread-safe. */
final class GuardCounters {

  final LongAdder runs = new LongAdder();
  final LongAdder warnings = new LongAdder();
  final LongAdder stopped = new LongAdder();
  final LongAdder refusedByLimit = new LongAdder();
  final LongAdder refusedByKill = new LongAdder();
  final LongAdder withdrawnToolCalls = new LongAdder();
  final LongAdder brokenOff = new LongAdder();
}
