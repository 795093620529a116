package dev.agentops;

import dev.agentops.event.OpsEventListener;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is true around a call: the {@link Attributes} of all open scopes and what modules keep
 * beside them, such as the current span. Immutable, hence thread-safe.
 *
 * <p>One context is current on a thread at a time; {@link Scope} carries it to others.
 */
public final class Context {

  private static final Context ROOT = new Context(Attributes.empty(), new Object[0]);

  private static final Key<OpsEventListener> LISTENER = Key.of("listener");

  private final Attributes attributes;

  /** Key, value, key, value, ...: a context holds one or two, so that a scan beats a map. */
  private final Object[] entries;

  private Context(Attributes attributes, Object[] entries) {
    this.attributes = attributes;
    this.entries = entries;
  }

  /** The context of this thread; {@link #root()} where no scope is open. */
  public static Context current() {
    Scope top = Scope.top();
    return top == null ? ROOT : top.context();
  }

  /** The empty context. */
  public static Context root() {
    return ROOT;
  }

  /**
   * The current context where that is of the same run of an agent as this one, else this one with
   * what the thread's scopes say besides: a pool's thread may have scopes of its own, which know
   * nothing of the work.
   */
  Context orCurrent() {
    Context current = current();
    AgentCall agent = get(AgentCall.KEY);
    boolean within =
        agent == current.get(AgentCall.KEY) && (agent != null || !current.hasOnlyAttributes());
    return within ? current : over(current.attributes);
  }

  /** Whether nobody keeps a span, a run or anything else here. */
  boolean hasOnlyAttributes() {
    return entries.length == 0;
  }

  public Attributes attributes() {
    return attributes;
  }

  /** The value kept under this key, or null. */
  @SuppressWarnings("unchecked") // with(Key<T>, T) is the only way in
  public <T> @Nullable T get(Key<T> key) {
    for (int i = 0; i < entries.length; i += 2) {
      if (entries[i] == key) {
        return (T) entries[i + 1];
      }
    }
    return null;
  }

  /** This context with more attributes; the new value wins where a name is there already. */
  public Context with(Attributes more) {
    return more.isEmpty() ? this : new Context(attributes.with(more), entries);
  }

  /** This context with more attributes for the names that it has none of. */
  Context over(Attributes defaults) {
    return attributes.covers(defaults) ? this : new Context(defaults.with(attributes), entries);
  }

  /** This context with a value under a key, in place of an earlier one. */
  public <T> Context with(Key<T> key, T value) {
    Objects.requireNonNull(value, () -> "the value of " + key);
    for (int i = 0; i < entries.length; i += 2) {
      if (entries[i] == key) {
        Object[] copy = entries.clone();
        copy[i + 1] = value;
        return new Context(attributes, copy);
      }
    }
    Object[] copy = Arrays.copyOf(entries, entries.length + 2);
    copy[entries.length] = key;
    copy[entries.length + 1] = value;
    return new Context(attributes, copy);
  }

  /**
   * This context with a listener of its own, which is told of the events of all calls made in it,
   * beside the listeners of their {@link AgentOps} and of this context. What it throws is logged
   * and ignored.
   */
  public Context listening(OpsEventListener listener) {
    Objects.requireNonNull(listener, "listener");
    OpsEventListener outer = listener();
    return with(
        LISTENER,
        outer == null
            ? listener
            : event -> {
              try {
                listener.onEvent(event);
              } finally {
                outer.onEvent(event);
              }
            });
  }

  /** Who listens to the calls made in this context; null for nobody. */
  @Nullable OpsEventListener listener() {
    return get(LISTENER);
  }

  /** Makes this the current context of the calling thread until the scope is closed. */
  public Scope makeCurrent() {
    return Scope.open(this);
  }

  @Override
  public String toString() {
    return "Context" + attributes;
  }
}
