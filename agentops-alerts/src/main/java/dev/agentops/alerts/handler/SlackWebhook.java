package dev.agentops.alerts.handler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.alerts.Notification;

/** An incoming webhook: answers {@code ok}, or a word that says why not. */
final class SlackWebhook implements SlackAlertHandler.SlackApi {

  private final HttpChannel http;
  private final Secret url;

  SlackWebhook(HttpChannel http, Secret url) {
    this.http = http;
    this.url = url;
  }

  @Override
  public void send(Notification notification, ObjectNode message) throws InterruptedException {
    HttpReply reply = http.postJson(url.uri(), message).requireSuccess();
    if (!reply.body().trim().equals("ok")) { // somebody between us and Slack answered
      throw reply.retry(reply.body());
    }
  }
}
