package dev.agentops;

import io.micrometer.context.ThreadLocalAccessor;
import org.jspecify.annotations.Nullable;

/**
 * Lets Micrometer's context-propagation, and through it Reactor and Spring, carry the {@link
 * Context} over threads.
 *
 * <p>Public for {@code ServiceLoader}, which finds it when {@code
 * io.micrometer:context-propagation} is on the class path; nothing else loads it.
 */
public final class ContextAccessor implements ThreadLocalAccessor<Context> {

  /** The name under which snapshots keep the context: {@value}. */
  public static final String KEY = "dev.agentops.context";

  @Override
  public Object key() {
    return KEY;
  }

  @Override
  public @Nullable Context getValue() {
    Context current = Context.current();
    return current == Context.root() ? null : current;
  }

  @Override
  public void setValue(Context value) {
    open(value);
  }

  @Override
  public void setValue() {
    open(Context.root());
  }

  @Override
  public void restore(Context previous) {
    Scope.returnTo(previous);
  }

  @Override
  public void restore() {
    Scope.returnTo(Context.root());
  }

  /** Where nothing changes nothing is opened: restoring the same context would not close it. */
  private static void open(Context context) {
    if (Context.current() != context) {
      Scope unused = Scope.open(context); // restore() ends it
    }
  }
}
