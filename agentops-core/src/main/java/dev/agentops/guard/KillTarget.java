package dev.agentops.guard;

import dev.agentops.Attributes;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whom a kill switch stops: one run, or all calls of an agent, user, tenant or everybody. */
public final class KillTarget {

  enum Kind {
    RUN,
    AGENT,
    USER,
    TENANT,
    ALL
  }

  private static final KillTarget ALL = new KillTarget(Kind.ALL, "*");

  private final Kind kind;
  private final String value;

  private KillTarget(Kind kind, String value) {
    Objects.requireNonNull(value, "value");
    if (value.isBlank()) {
      throw new IllegalArgumentException(
          "the " + kind.name().toLowerCase(Locale.ROOT) + " must not be blank: '" + value + "'");
    }
    this.kind = kind;
    this.value = value;
  }

  /** One run with the agents inside of it, by {@link RunStatus#runId()}. */
  public static KillTarget run(String runId) {
    return new KillTarget(Kind.RUN, runId);
  }

  /** All runs of an agent by its name, and what the agents inside of it do. */
  public static KillTarget agent(String name) {
    return new KillTarget(Kind.AGENT, name);
  }

  /** All calls with this {@link Attributes#USER_ID}. */
  public static KillTarget user(String id) {
    return new KillTarget(Kind.USER, id);
  }

  /** All calls with this {@link Attributes#TENANT}. */
  public static KillTarget tenant(String id) {
    return new KillTarget(Kind.TENANT, id);
  }

  /** Every call. */
  public static KillTarget all() {
    return ALL;
  }

  Kind kind() {
    return kind;
  }

  String value() {
    return value;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KillTarget that && kind == that.kind && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return 31 * kind.hashCode() + value.hashCode();
  }

  @Override
  public String toString() {
    return kind == Kind.ALL ? "all" : kind.name().toLowerCase(Locale.ROOT) + " '" + value + "'";
  }
}
