package dev.agentops;

import org.jspecify.annotations.Nullable;

/**
 * Shows the current {@link Context} to another world that is bound to threads, such as the MDC of
 * the log or the context of OpenTelemetry. Installed by {@link Scope#mirror}.
 *
 * <p>It is told of every scope, on the thread on which it opens and closes, whoever opened it. What
 * it throws is logged, at most once a minute, and ignored. Implementations are thread-safe, quick,
 * and open no scopes themselves.
 */
public interface ContextMirror {

  /**
   * A scope has opened, and this context is now the current one of the thread.
   *
   * @return what {@link #exit} needs to bring back what was there before; null where nothing
   */
  @Nullable Object enter(Context context);

  /**
   * A scope has ended that this mirror was told of; to be called in reverse order of {@link
   * #enter}, on the same thread.
   *
   * @param saved what {@link #enter} returned for this scope
   */
  void exit(@Nullable Object saved);

  /** A mirror that is installed, until it is closed. */
  interface Registration extends AutoCloseable {

    /**
     * Takes the mirror away. It is told no more of scopes that open, but still of the end of those
     * that are open, so that nothing stays behind. Closing again does nothing.
     */
    @Override
    void close();
  }
}
