package dev.agentops;

import java.util.Objects;

/**
 * A typed name under which a value travels in a {@link Call} or a {@link Context}.
 *
 * <p>Keys are compared by identity, so two interceptors of one class never meet in each other's
 * state. Thread-safe.
 *
 * @param <T> the type of the value
 */
public final class Key<T> {

  private final String name;

  private Key(String name) {
    this.name = Objects.requireNonNull(name, "name");
  }

  /** A new key; {@code name} is shown in messages only. */
  public static <T> Key<T> of(String name) {
    return new Key<>(name);
  }

  @Override
  public String toString() {
    return name;
  }
}
