package dev.agentops.alerts;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Those who are told together: a name that routes lead to, and the handlers that reach them.
 * Immutable and thread-safe.
 */
public final class Receiver {

  /**
   * The receiver that exists always, and gets the handlers that are given to the manager itself.
   */
  public static final String DEFAULT = "default";

  private final String name;
  private final List<AlertHandler> handlers;
  private final boolean sendResolved;
  private final int maxAlerts;

  private Receiver(Builder from) {
    name = Objects.requireNonNull(from.name, "name");
    handlers = List.copyOf(from.handlers);
    sendResolved = from.sendResolved;
    maxAlerts = from.maxAlerts;
  }

  public static Builder builder() {
    return new Builder();
  }

  public String name() {
    return name;
  }

  public List<AlertHandler> handlers() {
    return handlers;
  }

  /** Whether it is told when alerts are resolved. */
  public boolean sendResolved() {
    return sendResolved;
  }

  /** How many alerts of a group it is told at most; 0 means all. */
  public int maxAlerts() {
    return maxAlerts;
  }

  @Override
  public String toString() {
    return "Receiver{" + name + ", " + handlers.stream().map(AlertHandler::name).toList() + '}';
  }

  /** Collects a receiver; the name is required. Not thread-safe. */
  public static final class Builder {

    private @Nullable String name;
    private final List<AlertHandler> handlers = new ArrayList<>();
    private boolean sendResolved = true;
    private int maxAlerts;

    private Builder() {}

    /**
     * What routes call it.
     *
     * @throws IllegalArgumentException if blank
     */
    public Builder name(String name) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("a receiver has a name: '" + name + "'");
      }
      this.name = name;
      return this;
    }

    /** Adds a way to reach it. */
    public Builder handler(AlertHandler handler) {
      handlers.add(Objects.requireNonNull(handler, "handler"));
      return this;
    }

    /** Whether it is told when alerts are resolved. Default: true. */
    public Builder sendResolved(boolean send) {
      this.sendResolved = send;
      return this;
    }

    /**
     * How many alerts of a group it is told at most; {@link Notification#truncatedAlerts()} counts
     * the others. Default: 0, which means all.
     *
     * @throws IllegalArgumentException if negative
     */
    public Builder maxAlerts(int alerts) {
      if (alerts < 0) {
        throw new IllegalArgumentException("a number of alerts is not negative: " + alerts);
      }
      this.maxAlerts = alerts;
      return this;
    }

    public Receiver build() {
      return new Receiver(this);
    }
  }
}
