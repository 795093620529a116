package dev.agentops.guard;

import dev.agentops.Scope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where in a run a call is made: by which agent, how deep, and what that agent has done lately. It
 * travels in the context of the agent.
 */
final class Place {

  private final Account account;
  private final String agent;
  private final int depth;
  private final @Nullable Place outer;

  /** For each account that counts what is done here, from inner to outer. */
  private final List<Loops> loops = new ArrayList<>(1);

  private volatile @Nullable Scope left;

  Place(Account account, String agent, @Nullable Place outer) {
    this.account = account;
    this.agent = agent;
    this.outer = outer;
    this.depth = outer == null ? 1 : outer.depth + 1;
    for (Account each = account; each != null; each = each.outer()) {
      loops.add(new Loops(each));
    }
  }

  Account account() {
    return account;
  }

  String agent() {
    return agent;
  }

  List<Loops> loops() {
    return loops;
  }

  /** How deep it is inside of one around it; 1 for that itself. */
  int depthIn(Place around) {
    return depth - around.depth + 1;
  }

  /** The agent around this one; null for the outermost. */
  @Nullable Place outer() {
    return outer;
  }

  /** Its run was closed while this scope was open on another thread. */
  void leave(Scope scope) {
    left = scope;
  }

  /** Whether the calling thread is the one that was not told that the run is over. */
  boolean isLeftHere() {
    Scope open = left;
    return open != null && open.isOpen();
  }

  /** Whether what is spent here counts in that account. */
  boolean countsIn(Account other) {
    Account each = account;
    while (each != null && each != other) {
      each = each.outer();
    }
    return each != null;
  }

  /** Whether the agent has an account of its own, and not that of the one around it. */
  boolean opensAccount() {
    return outer == null || outer.account != account;
  }
}
