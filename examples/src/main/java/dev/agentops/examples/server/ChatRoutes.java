package dev.agentops.examples.server;

import io.javalin.http.Context;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The two ways to talk to the assistant. */
final class ChatRoutes {

  static final String USER_HEADER = "X-User-Id";

  private static final Logger log = LoggerFactory.getLogger(ChatRoutes.class);
  private static final Pattern USER = Pattern.compile("[A-Za-z0-9._@-]{1,100}");
  private static final String ANONYMOUS = "anonymous";

  /** What some proxies log for a client that closed its connection; nobody reads it. */
  private static final int CLIENT_CLOSED_REQUEST = 499;

  private final AssistantAgent agent;
  private final InFlight inFlight;

  ChatRoutes(AssistantAgent agent, InFlight inFlight) {
    this.agent = agent;
    this.inFlight = inFlight;
  }

  void mount(Api api) {
    api.post("/chat", "Talk to the assistant", ChatRequest.class, ChatResponse.class, this::chat);
    api.stream("/chat/stream", "Talk to the assistant, streaming", ChatRequest.class, this::stream);
  }

  private ChatResponse chat(ChatRequest request, Context context) {
    try (InFlight.Place ignored = enter()) {
      return agent.answer(question(request, context));
    }
  }

  private void stream(ChatRequest request, Context context) {
    SseStream out = new SseStream(context);
    try (InFlight.Place ignored = enter()) {
      ChatResponse response = agent.answer(question(request, context), out);
      out.send("done", response);
    } catch (ClientGoneException | IOException e) {
      log.info("The client of a stream went away");
      context.status(CLIENT_CLOSED_REQUEST);
    } catch (RuntimeException e) {
      if (!out.started()) {
        throw e; // the status can still tell
      }
      sendError(e, out);
    } finally {
      out.close();
    }
  }

  private static void sendError(RuntimeException failure, SseStream out) {
    try {
      out.send("error", Failures.toApiError(failure).body());
    } catch (IOException e) {
      log.info("The client of a stream went away before it heard of an error");
    }
  }

  private InFlight.Place enter() {
    return inFlight
        .enter()
        .orElseThrow(
            () ->
                inFlight.closing()
                    ? ApiError.of(503, "shutting_down", "The server shuts down")
                    : ApiError.of(503, "overloaded", "Too many messages are worked on")
                        .retryAfter(Duration.ofSeconds(1)));
  }

  private static Question question(ChatRequest request, Context context) {
    return Question.of(
        request, user(context), UUID.randomUUID().toString(), RequestIds.of(context));
  }

  /** Who asks, as the proxy that checks logins tells; there are no logins here. */
  private static String user(Context context) {
    String user = context.header(USER_HEADER);
    if (user == null || user.isBlank()) {
      return ANONYMOUS;
    }
    if (!USER.matcher(user).matches()) {
      throw ApiError.of(
          422,
          "string_pattern_mismatch",
          "Must be 1 to 100 letters, digits, '.', '_', '@' or '-'",
          "header",
          "x-user-id");
    }
    return user;
  }
}
