package dev.agentops.alerts;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A handler that keeps what it gets. */
final class Recorder implements AlertHandler {

  private final List<Alert> alerts = new CopyOnWriteArrayList<>();

  @Override
  public void handle(Alert alert) {
    alerts.add(alert);
  }

  List<Alert> alerts() {
    return alerts;
  }

  List<String> messages() {
    return alerts.stream().map(Alert::message).toList();
  }
}
