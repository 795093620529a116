package dev.agentops.tracing.conformance;

/** What goes wrong in a step. */
enum Fault {
  NONE,
  /** The model or tool throws an exception. */
  EXCEPTION,
  /** The model or tool throws an {@link Error}. */
  ERROR,
  /** A listener of the model throws; LangChain4j logs that. */
  LISTENER_THROWS,
  /** The tool answers that it failed. */
  ERROR_RESULT,
  /** The model throws an exception in place of beginning a stream. */
  REFUSED,
  /** As {@link #REFUSED}, in the second round of an AI service, hence on the provider's thread. */
  REFUSED_LATER,
  /** The model throws an {@link Error} in place of beginning a stream. */
  REFUSED_WITH_ERROR,
  /** The stream's first and last word is an error. */
  FAILS_AT_ONCE,
  /** The stream breaks after a chunk. */
  FAILS_MIDWAY,
  /** As {@link #FAILS_MIDWAY}, and the user of the service called {@code ignoreErrors()}. */
  FAILS_IGNORED,
  /** The user cancels the stream in a callback. */
  CANCELLED,
  /** The user's callback for a chunk throws; the provider tells it and streams on. */
  CALLBACK_THROWS,
  /** The user's callback for a chunk throws, and the provider's thread dies of it: silence. */
  CALLBACK_KILLS,
  /** The user's callback for the complete response throws. */
  COMPLETION_THROWS,
  /** The stream breaks, and the user's callback for that throws, too. */
  ERROR_CALLBACK_THROWS,
  /** The provider falls silent after a chunk. */
  STALLS,
  /** The user never starts the {@code TokenStream}. */
  UNSTARTED;

  /** What the model or tool throws where it is called; null if nothing. */
  Class<? extends Throwable> thrown() {
    return switch (this) {
      case EXCEPTION, REFUSED -> PlannedException.class;
      case ERROR, REFUSED_WITH_ERROR -> PlannedError.class;
      default -> null;
    };
  }

  /** Throws what {@link #thrown} tells. */
  void strike(String where) {
    if (thrown() == PlannedException.class) {
      throw new PlannedException(where);
    }
    if (thrown() == PlannedError.class) {
      throw new PlannedError(where);
    }
  }

  boolean silencesStream() {
    return this == STALLS || this == CALLBACK_KILLS;
  }
}
