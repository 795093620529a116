package dev.agentops;

import dev.agentops.event.OpsEvent;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The interceptors around one kind of call, and the promise that each {@code before} gets its
 * {@code after} and each call its event.
 */
final class Chain<C extends Call, R> {

  private final AgentOps ops;
  private final List<Link<C, R>> links;
  private final BiConsumer<C, Outcome<R>> settle;
  private final BiFunction<C, Outcome<R>, @Nullable OpsEvent> event;

  /**
   * A chain of these links.
   *
   * @param settle what is to be noted at the end of a call before interceptors see it
   * @param event what listeners are told of a call that ended; null for nothing
   */
  Chain(
      AgentOps ops,
      List<Link<C, R>> links,
      BiConsumer<C, Outcome<R>> settle,
      BiFunction<C, Outcome<R>, @Nullable OpsEvent> event) {
    this.ops = ops;
    this.links = List.copyOf(links);
    this.settle = settle;
    this.event = event;
  }

  /**
   * Goes down the chain; the outcome if an interceptor answered or refused, null if the wrapped
   * object is to be asked, or another call is to be followed.
   */
  @Nullable Outcome<R> enter(C call) {
    for (Link<C, R> link : links.subList(call.entered, links.size())) {
      call.entered++;
      try {
        R answer = link.before.apply(call);
        if (answer != null) {
          return Outcome.shortCircuited(answer);
        }
        if (call.isFollowing()) {
          return null;
        }
      } catch (CallRejectedException e) {
        return Outcome.rejected(e);
      } catch (Throwable t) {
        ops.report("interceptor " + link.name, t);
      }
    }
    CallRejectedException tooLate = call.refusalByTime();
    return tooLate == null ? null : Outcome.rejected(tooLate);
  }

  /** Goes down from the interceptor at which the call turned to follow another. */
  @Nullable Outcome<R> enterAgain(C call) {
    call.entered--;
    return enter(call);
  }

  /** Ends a call: back up the chain, then one event. To be called once a call; never throws. */
  void finish(C call, Outcome<R> outcome) {
    ops.attempt("settling a call", () -> settle.accept(call, outcome));
    for (int i = call.entered - 1; i >= 0; i--) {
      Link<C, R> link = links.get(i);
      ops.attempt("interceptor " + link.name, () -> link.after.accept(call, outcome));
    }
    ops.attempt(
        "the event of a call",
        () -> {
          OpsEvent told = event.apply(call, outcome);
          if (told != null) {
            ops.publish(told);
          }
        });
    ops.attempt("those that follow a call", () -> call.ended(outcome));
  }

  /** One interceptor, seen from one kind of call. */
  static final class Link<C extends Call, R> {

    private final String name;
    private final Function<C, @Nullable R> before;
    private final BiConsumer<C, Outcome<R>> after;

    Link(Object interceptor, Function<C, @Nullable R> before, BiConsumer<C, Outcome<R>> after) {
      this.name = interceptor.getClass().getName();
      this.before = before;
      this.after = after;
    }
  }
}
