package dev.agentops;

import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of code in which a {@link Context} is current on one thread; ends with {@link
 * #close()}.
 *
 * <p>Open it in a try-with-resources statement. Closing twice, or on another thread, does nothing;
 * closing an outer scope also ends the inner ones that were forgotten. A scope does not follow work
 * to another thread by itself: {@link #wrap(Runnable)} and its siblings do, and with Micrometer's
 * context-propagation on the class path so do Reactor and everything else that uses it.
 */
public final class Scope implements AutoCloseable {

  private static final ThreadLocal<@Nullable Scope> TOP = new ThreadLocal<>();

  private final Context context;
  private final @Nullable Scope outer;
  private @Nullable Mirrored mirrored;

  private Scope(Context context, @Nullable Scope outer) {
    this.context = context;
    this.outer = outer;
  }

  /** The task, run in the context that is current now. */
  public static Runnable wrap(Runnable task) {
    Context captured = Context.current();
    return () -> {
      try (Scope ignored = captured.makeCurrent()) {
        task.run();
      }
    };
  }

  /** The task, run in the context that is current now. */
  public static <T> Callable<T> wrap(Callable<T> task) {
    Context captured = Context.current();
    return () -> {
      try (Scope ignored = captured.makeCurrent()) {
        return task.call();
      }
    };
  }

  /**
   * An executor that runs each task in the context that is current when the task is handed over.
   */
  public static Executor wrap(Executor executor) {
    return task -> executor.execute(wrap(task));
  }

  /**
   * Shows the current context to another world that is bound to threads, from now on, on every
   * thread, until the registration is closed. Where no mirror is installed, scopes cost nothing
   * more; of several, the one installed last is told last, and of the end first.
   */
  public static ContextMirror.Registration mirror(ContextMirror mirror) {
    return Mirrored.install(mirror);
  }

  static @Nullable Scope top() {
    return TOP.get();
  }

  static Scope open(Context context) {
    Scope scope = new Scope(context, TOP.get());
    TOP.set(scope);
    scope.mirrored = Mirrored.enter(context);
    return scope;
  }

  /**
   * Ends the innermost scopes until this context is current, for a carrier that remembers contexts
   * and not scopes. The scopes further out stay open, so that whoever opened them can close them.
   */
  static void returnTo(Context context) {
    Scope innermost = TOP.get();
    Scope open = innermost;
    while (open != null && open.context != context) {
      open = open.outer;
    }
    end(innermost, open);
    if (open == null && context != Context.root()) {
      Scope unused = open(context); // the next return ends it
    }
  }

  /** Ends the scopes from the innermost one out to the one that stays open; null for all. */
  private static void end(@Nullable Scope innermost, @Nullable Scope stays) {
    TOP.set(stays); // null holds on to no class, and costs a tenth of remove()
    for (Scope ended = innermost; ended != null && ended != stays; ended = ended.outer) {
      Mirrored.exit(ended.mirrored);
    }
  }

  /** How many scopes are open on this thread. */
  static int depth() {
    int depth = 0;
    for (Scope open = TOP.get(); open != null; open = open.outer) {
      depth++;
    }
    return depth;
  }

  /** The context that is current inside this scope. */
  public Context context() {
    return context;
  }

  /** Whether it is open on the calling thread, be it that others were opened inside of it. */
  public boolean isOpen() {
    return isIn(TOP.get());
  }

  /** Ends the scope; the context that was current before it is current again. */
  @Override
  public void close() {
    Scope innermost = TOP.get();
    if (isIn(innermost)) {
      end(innermost, outer);
    }
  }

  private boolean isIn(@Nullable Scope innermost) {
    for (Scope open = innermost; open != null; open = open.outer) {
      if (open == this) {
        return true;
      }
    }
    return false;
  }
}
