package dev.agentops.examples.server;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A message of a user to the assistant.
 *
 * @param user who asks
 * @param sessionId the conversation
 * @param message what the user says
 * @param context facts about the user, ordered by name so that equal ones make equal requests
 * @param requestId of the HTTP request
 */
record Question(
    String user, String sessionId, String message, Map<String, String> context, String requestId) {

  static Question of(ChatRequest request, String user, String newSessionId, String requestId) {
    String session = request.sessionId();
    return new Question(
        user,
        session == null ? newSessionId : session,
        request.message(),
        ordered(request.context()),
        requestId);
  }

  private static Map<String, String> ordered(@Nullable Map<String, String> context) {
    return context == null ? Map.of() : new TreeMap<>(context);
  }
}
