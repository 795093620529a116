package dev.agentops.cost;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The latest records by id, a fixed number of them. Thread-safe.
 *
 * <p>Large numbers are split into parts by the hash of the id, so that threads seldom meet; what is
 * kept then are the latest of each part.
 */
final class RecentRecords {

  private static final int PARTS = 16;
  private static final int WORTH_PARTS = 4_096;

  private final Part[] parts;

  RecentRecords(int maximum) {
    parts = new Part[maximum < WORTH_PARTS ? 1 : PARTS];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new Part((maximum + parts.length - 1) / parts.length);
    }
  }

  /** Adds a record, and returns false where one of its id is among the latest. */
  boolean add(UsageRecord record) {
    int hash = hash(record);
    return part(hash).add(hash, record);
  }

  /**
   * Puts a record in the place of the one of its id, which it returns; null where there is none.
   *
   * @throws IllegalArgumentException if the two differ in dimensions or time
   */
  @Nullable UsageRecord replace(UsageRecord record) {
    int hash = hash(record);
    return part(hash).replace(hash, record);
  }

  List<UsageRecord> copy() {
    List<UsageRecord> copy = new ArrayList<>();
    for (Part part : parts) {
      part.copyTo(copy);
    }
    return copy;
  }

  /** How many records had to make room for others. */
  long removed() {
    long removed = 0;
    for (Part part : parts) {
      removed += part.removed();
    }
    return removed;
  }

  private Part part(int hash) {
    return parts[(hash >>> 24) & (parts.length - 1)];
  }

  private static int hash(UsageRecord record) {
    int hash = record.id().hashCode() * 0x9E3779B9;
    return hash ^ (hash >>> 15);
  }

  /**
   * A ring of records, and a hash table of their places in it: open addressing, no entry objects,
   * and hashes of their own, since a look at an old record costs a miss of the processor's cache.
   */
  private static final class Part {

    private final @Nullable UsageRecord[] ring;
    private final int[] hashes;
    private final int[] table; // the place in the ring, or -1
    private int next;
    private long removed;

    Part(int capacity) {
      ring = new UsageRecord[capacity];
      hashes = new int[capacity];
      table = new int[Integer.highestOneBit(Math.max(1, capacity)) * 4];
      Arrays.fill(table, -1);
    }

    synchronized boolean add(int hash, UsageRecord record) {
      if (ring.length == 0) {
        removed++;
        return true;
      }
      if (table[slotOf(hash, record.id())] >= 0) {
        return false;
      }
      if (ring[next] != null) {
        free(next);
        removed++;
      }
      ring[next] = record;
      hashes[next] = hash;
      table[slotOf(hash, record.id())] = next;
      next = next + 1 == ring.length ? 0 : next + 1;
      return true;
    }

    synchronized @Nullable UsageRecord replace(int hash, UsageRecord record) {
      int place = ring.length == 0 ? -1 : table[slotOf(hash, record.id())];
      if (place < 0) {
        return null;
      }
      UsageRecord old = ring[place];
      UsageDimensions.requireSame(old, record);
      ring[place] = record;
      return old;
    }

    synchronized void copyTo(List<UsageRecord> copy) {
      for (int i = 0; i < ring.length; i++) {
        UsageRecord record = ring[(next + i) % ring.length];
        if (record != null) {
          copy.add(record);
        }
      }
    }

    synchronized long removed() {
      return removed;
    }

    /** The slot that holds the place of an id, or the empty one where it would go. */
    private int slotOf(int hash, String id) {
      int slot = hash & (table.length - 1);
      for (int place; (place = table[slot]) >= 0; slot = (slot + 1) & (table.length - 1)) {
        if (hashes[place] == hash && ring[place].id().equals(id)) {
          return slot;
        }
      }
      return slot;
    }

    /** Takes a place out of the table and closes the gap, so that no search ends early. */
    private void free(int place) {
      int mask = table.length - 1;
      int gap = hashes[place] & mask;
      while (table[gap] != place) {
        gap = (gap + 1) & mask;
      }
      for (int slot = (gap + 1) & mask; table[slot] >= 0; slot = (slot + 1) & mask) {
        int home = hashes[table[slot]] & mask;
        if (((slot - home) & mask) >= ((slot - gap) & mask)) {
          table[gap] = table[slot];
          gap = slot;
        }
      }
      table[gap] = -1;
    }
  }
}
