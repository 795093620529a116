package dev.agentops.alerts;

/**
 * What became of the alerts so far. Deliveries are counted per handler: one alert to three handlers
 * is three deliveries.
 *
 * @param fired alerts fired
 * @param delivered deliveries that a handler accepted
 * @param failed deliveries given up after the last attempt
 * @param dropped deliveries never tried, because a queue was full or the manager was closed
 * @param pending deliveries that wait in a queue or are being tried
 */
public record AlertStats(long fired, long delivered, long failed, long dropped, long pending) {

  AlertStats plus(AlertStats other) {
    return new AlertStats(
        fired + other.fired,
        delivered + other.delivered,
        failed + other.failed,
        dropped + other.dropped,
        pending + other.pending);
  }
}
