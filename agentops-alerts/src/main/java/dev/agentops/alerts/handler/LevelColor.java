package dev.agentops.alerts.handler;

import dev.agentops.alerts.AlertState;
import dev.agentops.alerts.Notification;

/** The colour of a message. */
enum LevelColor {
  RESOLVED(0x2eb67d),
  INFO(0x439fe0),
  WARNING(0xf2c744),
  ERROR(0xe8590c),
  CRITICAL(0xd00000);

  private final int rgb;

  LevelColor(int rgb) {
    this.rgb = rgb;
  }

  /** Green for what is over, otherwise that of the level. */
  static LevelColor of(Notification notification) {
    return notification.state() == AlertState.RESOLVED
        ? RESOLVED
        : valueOf(notification.level().name());
  }

  int rgb() {
    return rgb;
  }

  /** Such as {@code #d00000}. */
  String hex() {
    return String.format("#%06x", rgb);
  }
}
