package dev.agentops;

import dev.agentops.event.CallStatus;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way of a call that starts and ends on one thread: down the chain, the wrapped object, up the
 * chain.
 */
final class Observation {

  private Observation() {}

  static <C extends Call, R> R run(C call, Chain<C, R> chain, Supplier<R> ask) {
    return run(call, chain, ask, Function.identity(), Function.identity());
  }

  /**
   * As above, for a wrapped object that speaks another type than its chain.
   *
   * @param seen the response of the wrapped object, as interceptors see it
   * @param given the answer of an interceptor, as the caller gets it
   */
  static <C extends Call, R, T> T run(
      C call,
      Chain<C, R> chain,
      Supplier<T> ask,
      Function<T, @Nullable R> seen,
      Function<R, T> given) {
    return run(call, chain, () -> chain.enter(call), ask, seen, given);
  }

  /**
   * As above, for calls that find their way down the chain with detours.
   *
   * @param enter as {@link Chain#enter}
   */
  static <C extends Call, R, T> T run(
      C call,
      Chain<C, R> chain,
      Supplier<@Nullable Outcome<R>> enter,
      Supplier<T> ask,
      Function<T, @Nullable R> seen,
      Function<R, T> given) {
    Outcome<R> early = enter.get();
    if (early != null) {
      chain.finish(call, early);
      return given.apply(answerOf(early));
    }
    T response;
    try (Scope ignored = call.context().makeCurrent();
        DeadlineWatch watch = call.watchDeadline()) {
      response = call.brokenOff() == null ? ask.get() : notAsked(call);
    } catch (Throwable t) { // an Error, too, is owed its after
      RuntimeException reason = call.brokenOff();
      if (reason == null) {
        chain.finish(call, Outcome.failed(t));
        throw t;
      }
      chain.finish(call, Outcome.brokenOff(reason));
      throw told(reason, t);
    }
    chain.finish(call, Outcome.answered(seen(response, seen)));
    return response;
  }

  private static <T> T notAsked(Call call) {
    throw Objects.requireNonNull(call.brokenOff());
  }

  /** The reason for which a call was broken off, with what its client made of that. */
  private static RuntimeException told(RuntimeException reason, Throwable thrown) {
    if (reason != thrown) {
      reason.addSuppressed(thrown);
    }
    return reason;
  }

  /**
   * Null where there is no response, or where it cannot be read: the caller gets it all the same.
   */
  private static <R, T> @Nullable R seen(T response, Function<T, @Nullable R> seen) {
    try {
      return response == null ? null : seen.apply(response);
    } catch (RuntimeException e) { // a mock, or a response without what it promises
      return null;
    }
  }

  private static <R> R answerOf(Outcome<R> early) {
    R answer = early.response();
    if (answer != null) {
      return answer;
    }
    if (early.status() == CallStatus.ERROR) { // of another call, as it is
      throw Observation.<RuntimeException>unchecked(Objects.requireNonNull(early.error()));
    }
    throw refusalOf(early);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> X unchecked(Throwable failure) throws X {
    throw (X) failure;
  }

  static CallRejectedException refusalOf(Outcome<?> early) {
    if (early.error() instanceof CallRejectedException refusal) {
      return refusal;
    }
    throw new IllegalStateException("neither an answer nor a refusal: " + early);
  }
}
