package dev.agentops.alerts.handler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.alerts.AlertHandler;
import dev.agentops.alerts.handler.Receiver.Answer;
import dev.agentops.alerts.handler.Receiver.Request;
import java.net.URI;
import java.time.Duration;
import java.util.List;

class TeamsAlertHandlerTest extends HandlerSuite {

  private static final String CONNECTOR =
      "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error ";

  @Override
  AlertHandler handler(URI server, String secret, Duration timeout) {
    return TeamsAlertHandler.builder()
        .webhookUrl(server + "/workflows/1/triggers/manual/paths/invoke?sp=%2Fx&sig=" + secret)
        .timeout(timeout)
        .build();
  }

  @Override
  Answer accept() {
    return Receiver.answer(202, "");
  }

  @Override
  List<Refusal> refusals() {
    return List.of(
        Refusal.of(200, "1", Result.DELIVERED),
        Refusal.of(200, CONNECTOR + "429 with ContextId x", Result.RETRY),
        Refusal.of(200, CONNECTOR + "503", Result.RETRY),
        Refusal.of(200, CONNECTOR + "413 with ContextId x", Result.PERMANENT),
        Refusal.of(
            401,
            "{\"error\":{\"code\":\"DirectApiAuthorizationRequired\",\"message\":\"x\"}}",
            Result.PERMANENT),
        Refusal.of(
            404,
            "{\"error\":{\"code\":\"WorkflowNotFound\",\"message\":\"x\"}}",
            Result.PERMANENT));
  }

  @Override
  Result strangeSuccess() {
    return Result.DELIVERED;
  }

  @Override
  int limitBytes() {
    return 28 * 1024;
  }

  @Override
  void assertHarmless(Request request) {
    assertThat(json(request).findValuesAsText("type"))
        .contains("TextRun")
        .doesNotContain("TextBlock", "Action.OpenUrl");
    assertThat(request.body()).doesNotContain("\"entities\"");
  }
}
