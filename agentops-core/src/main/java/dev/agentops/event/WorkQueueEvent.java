package dev.agentops.event;

import dev.agentops.Attributes;
import java.time.Instant;
import java.util.Objects;

/** A bounded queue did not do a job that it was given, or not to its end. Immutable. */
public final class WorkQueueEvent implements OpsEvent {

  /** Why a job is not done. */
  public enum Type {
    /** The queue was full, or takes no more. */
    REFUSED,
    /** It waited, and had to go for another. */
    SHED,
    /** Its time was over, before its turn came or while it ran. */
    EXPIRED
  }

  private final Instant timestamp;
  private final Type type;
  private final String queue;
  private final String key;
  private final int priority;
  private final int waiting;
  private final Attributes attributes;

  private WorkQueueEvent(Builder from) {
    timestamp = from.timestamp;
    type = from.type;
    queue = from.queue;
    key = from.key;
    priority = from.priority;
    waiting = from.waiting;
    attributes = from.attributes;
  }

  public static Builder builder(Instant timestamp, Type type, String queue) {
    return new Builder(timestamp, type, queue);
  }

  @Override
  public Instant timestamp() {
    return timestamp;
  }

  public Type type() {
    return type;
  }

  /** The queue's name. */
  public String queue() {
    return queue;
  }

  /** For whom the job was; empty where that was not said. */
  public String key() {
    return key;
  }

  /** The job's priority. */
  public int priority() {
    return priority;
  }

  /** How many jobs were waiting. */
  public int waiting() {
    return waiting;
  }

  @Override
  public Attributes attributes() {
    return attributes;
  }

  @Override
  public String toString() {
    return "WorkQueueEvent{"
        + type
        + ' '
        + queue
        + (key.isEmpty() ? "" : ", key=" + key)
        + ", priority="
        + priority
        + ", waiting="
        + waiting
        + '}';
  }

  /** Collects what is told of a job. Not thread-safe. */
  public static final class Builder {

    private final Instant timestamp;
    private final Type type;
    private final String queue;
    private String key = "";
    private int priority;
    private int waiting;
    private Attributes attributes = Attributes.empty();

    private Builder(Instant timestamp, Type type, String queue) {
      this.timestamp = Objects.requireNonNull(timestamp, "timestamp");
      this.type = Objects.requireNonNull(type, "type");
      this.queue = Objects.requireNonNull(queue, "queue");
    }

    public Builder key(String key) {
      this.key = Objects.requireNonNull(key, "key");
      return this;
    }

    public Builder priority(int priority) {
      this.priority = priority;
      return this;
    }

    public Builder waiting(int waiting) {
      this.waiting = waiting;
      return this;
    }

    public Builder attributes(Attributes attributes) {
      this.attributes = Objects.requireNonNull(attributes, "attributes");
      return this;
    }

    public WorkQueueEvent build() {
      return new WorkQueueEvent(this);
    }
  }
}
