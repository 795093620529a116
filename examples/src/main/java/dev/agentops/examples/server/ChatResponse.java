package dev.agentops.examples.server;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** The answer to {@code POST /chat}, and the data of the {@code done} event of a stream. */
record ChatResponse(
    @JsonPropertyDescription("What the assistant says.") String response,
    @JsonPropertyDescription("To be sent with the next message of this conversation.")
        String sessionId,
    TurnMetadata metadata) {}
