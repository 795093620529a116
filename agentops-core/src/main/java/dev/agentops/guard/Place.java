package dev.agentops.guard;

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

  /** Guarded by the account's lock, as {@link #answers}. */
  final Repetition tools = new Repetition();

  final Stalling answers = new Stalling();

  Place(Account account, String agent, @Nullable Place outer) {
    this.account = account;
    this.agent = agent;
    this.outer = outer;
    this.depth = outer == null ? 1 : outer.depth + 1;
  }

  Account account() {
    return account;
  }

  String agent() {
    return agent;
  }

  /** 1 for the outermost agent. */
  int depth() {
    return depth;
  }

  /** The agent around this one; null for the outermost. */
  @Nullable Place outer() {
    return outer;
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
