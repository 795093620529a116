package dev.agentops.alerts;

import java.util.List;
import java.util.SortedMap;

/** The alerts that a receiver is told of together, as they are now. Immutable and thread-safe. */
public final class AlertGroup {

  private final String key;
  private final String receiver;
  private final SortedMap<String, String> labels;
  private final List<Alert> alerts;

  AlertGroup(String key, String receiver, SortedMap<String, String> labels, List<Alert> alerts) {
    this.key = key;
    this.receiver = receiver;
    this.labels = labels;
    this.alerts = List.copyOf(alerts);
  }

  /** The same as {@link Notification#groupKey()}. */
  public String key() {
    return key;
  }

  /** The name of the receiver. */
  public String receiver() {
    return receiver;
  }

  /** The labels by which it is a group. */
  public SortedMap<String, String> labels() {
    return labels;
  }

  /** At least one: those that fire, then those whose resolution is yet to be told. */
  public List<Alert> alerts() {
    return alerts;
  }

  @Override
  public String toString() {
    return "AlertGroup{" + key + " -> " + receiver + ", " + alerts + '}';
  }
}
