package dev.agentops.examples.server;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** The answer to {@code GET /health}. */
record Health(
    @JsonPropertyDescription(
            "`ok`; `degraded` where the model endpoint does not answer; `stopping` (status 503)"
                + " during a shutdown.")
        String status,
    String version,
    long uptimeSeconds,
    ModelHealth model,
    @JsonPropertyDescription("Messages that are worked on now.") int inFlight,
    @JsonPropertyDescription("Conversations that are remembered.") int sessions) {

  /** The model endpoint. */
  record ModelHealth(
      String name,
      @JsonPropertyDescription("Where it is: `local` for the one inside this process.")
          String endpoint,
      boolean reachable) {}
}
