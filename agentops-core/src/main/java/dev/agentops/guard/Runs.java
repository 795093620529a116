package dev.agentops.guard;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The runs that are going on, by their ids. Thread-safe and bounded: runs that have been idle for
 * long, and the oldest where there are too many, are forgotten. An agent whose context carries its
 * run keeps counting in it all the same.
 */
final class Runs {

  /** After so long without a call a run is taken to be over: nobody may ever say so. */
  static final Duration LONGEST_IDLE = Duration.ofHours(1);

  /** So many runs are looked at, at most, when one begins. */
  private static final int LOOKS = 8;

  private final int maximum;
  private final Map<String, Place> runs =
      new LinkedHashMap<>(); // the oldest first; guarded by this
  private long forgotten; // guarded by this

  Runs(int maximum) {
    this.maximum = maximum;
  }

  synchronized void add(Place run) {
    put(run);
  }

  /** The run of this id, begun anew where there is none. */
  synchronized Place getOrAdd(String runId, Supplier<Place> begin) {
    Place known = runs.get(runId);
    if (known == null) {
      known = begin.get();
      put(known);
    }
    return known;
  }

  /** False where it was forgotten before. */
  synchronized boolean remove(String runId) {
    return runs.remove(runId) != null;
  }

  synchronized @Nullable Place find(String runId) {
    return runs.get(runId);
  }

  synchronized List<Place> all() {
    return List.copyOf(runs.values());
  }

  synchronized long forgotten() {
    return forgotten;
  }

  private void put(Place run) {
    forgetIdle();
    if (runs.size() >= maximum) {
      Iterator<Place> oldest = runs.values().iterator();
      oldest.next();
      oldest.remove();
      forgotten++;
    }
    runs.put(run.account().runId(), run);
  }

  /** The oldest few: those that are idle go, those that are not go to the end of the line. */
  private void forgetIdle() {
    List<Place> looked = new ArrayList<>(LOOKS);
    for (Place run : runs.values()) {
      if (looked.size() == LOOKS) {
        break;
      }
      looked.add(run);
    }
    for (Place run : looked) {
      String id = run.account().runId();
      runs.remove(id);
      if (run.account().idle().compareTo(LONGEST_IDLE) < 0) {
        runs.put(id, run);
      } else {
        forgotten++;
      }
    }
  }
}
