package dev.agentops.resilience;

import java.util.concurrent.CountDownLatch;

/** Holds those who come until it is opened, and tells that one has come. */
final class Gate {

  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch open = new CountDownLatch(1);

  /** Comes, and stays until the gate is opened. */
  void pass() throws InterruptedException {
    entered.countDown();
    open.await();
  }

  /** Waits until one has come. */
  void awaitVisitor() throws InterruptedException {
    entered.await();
  }

  void open() {
    open.countDown();
  }
}
