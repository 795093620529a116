package dev.agentops;

/**
 * The {@link Deadline} had passed before the provider was asked, as after a wait for a limiter: it
 * was not, and nothing was paid.
 */
public final class DeadlinePassedException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  public DeadlinePassedException(String message) {
    super(message);
  }
}
