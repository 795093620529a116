package dev.agentops.guard;

/**
 * What the agent of one place has done lately, as one account looks at it: accounts differ in the
 * tools that poll. Guarded by the account's lock.
 */
final class Loops {

  final Account account;
  final Repetition tools = new Repetition();
  final Stalling answers = new Stalling();

  Loops(Account account) {
    this.account = account;
  }
}
