package dev.agentops.cost.jdbc;

import dev.agentops.cost.UsageDimensions;
import dev.agentops.cost.UsageRecord;
import dev.agentops.jdbc.DbText;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A record on its way into the database, as rows. */
final class Entry {

  private final UsageRecord record;
  private final boolean replacing;
  private final String key;
  private final String document;
  private final List<Label> labels;
  private final long day;
  private final long hour;
  private final CompletableFuture<Boolean> outcome = new CompletableFuture<>();
  private boolean done;
  private boolean doubtful;

  Entry(UsageRecord record, boolean replacing, ZoneId zone, UsageDimensions dimensions) {
    this.record = record;
    this.replacing = replacing;
    key = DbText.key(record.id());
    document = RecordJson.write(record);
    labels = Label.of(record, dimensions);
    day = LocalDate.ofInstant(record.timestamp(), zone).toEpochDay();
    hour = Grain.hour(record.timestamp(), zone);
  }

  UsageRecord record() {
    return record;
  }

  /** Whether it takes the place of a record, and is none more. */
  boolean replacing() {
    return replacing;
  }

  String key() {
    return key;
  }

  Instant timestamp() {
    return record.timestamp();
  }

  String document() {
    return document;
  }

  List<Label> labels() {
    return labels;
  }

  long day() {
    return day;
  }

  long hour() {
    return hour;
  }

  /** Tells a caller who waits; true where it changed something. */
  CompletableFuture<Boolean> outcome() {
    return outcome;
  }

  /**
   * Whether a record of the same id is the same but for its price; else tells the caller who waits.
   */
  boolean canReplace(UsageRecord before) {
    try {
      UsageDimensions.requireSame(before, record);
      return true;
    } catch (IllegalArgumentException e) {
      outcome.completeExceptionally(e);
      return false;
    }
  }

  /** Notes what the transaction that is under way does with it. */
  void done(boolean changed) {
    // who finds the record there after a commit that may have succeeded finds its own
    done = changed || doubtful;
  }

  /** Notes that a commit failed, which may have succeeded nonetheless. */
  void doubt() {
    doubtful |= done;
  }

  void committed() {
    outcome.complete(done);
  }
}
