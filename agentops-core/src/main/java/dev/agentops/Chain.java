package dev.agentops;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The interceptors around one kind of call, and the promise that each {@code before} gets its
 * {@code after}.
 */
final class Chain<C extends Call, R> {

  private final List<Link<C, R>> links;
  private final FaultLog faults;

  Chain(List<Link<C, R>> links, FaultLog faults) {
    this.links = List.copyOf(links);
    this.faults = faults;
  }

  /**
   * Goes down the chain; the outcome if an interceptor answered or refused, null if the wrapped
   * object is to be asked.
   */
  @Nullable Outcome<R> enter(C call) {
    for (Link<C, R> link : links) {
      call.entered++;
      try {
        R answer = link.before.apply(call);
        if (answer != null) {
          return Outcome.shortCircuited(answer);
        }
      } catch (CallRejectedException e) {
        return Outcome.rejected(e);
      } catch (Throwable t) {
        faults.report("interceptor " + link.name, t);
      }
    }
    return null;
  }

  /** Goes back up. To be called once a call. */
  void exit(C call, Outcome<R> outcome) {
    for (int i = call.entered - 1; i >= 0; i--) {
      Link<C, R> link = links.get(i);
      try {
        link.after.accept(call, outcome);
      } catch (Throwable t) {
        faults.report("interceptor " + link.name, t);
      }
    }
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
