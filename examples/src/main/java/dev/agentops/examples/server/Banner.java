package dev.agentops.examples.server;

import java.net.URI;

/** What the server says of itself: on the console at its start, and in its documentation. */
final class Banner {

  static final String ABOUT =
      """
      An assistant with a calculator, a clock and a handbook, traced, priced, cached, limited and \
      alerted on by agentops.

      **Sessions.** A message without `session_id` starts a new conversation; the answer tells its \
      id. A conversation belongs to one user and takes one message at a time.

      **Users.** The header `X-User-Id` names the user, whose limits, budget and cached answers \
      count apart; it is for a proxy that checks logins. Without it all are `anonymous`.

      **Cache.** A model call is answered from the cache if the same user made an equal one before: \
      same model, same messages. So a question that is asked again with an equal body and without a \
      `session_id` costs nothing and says `cached: true`; within one session the second question \
      carries the first one in its history and is a new one. Decisions to use a tool are cached, too; \
      the tool itself runs again, and where its result is another one, as that of the clock, the \
      model is asked anew.

      **Cost.** What the model's list price makes of the tokens, in US dollars.""";

  private Banner() {}

  static String of(URI uri, ServerConfig config, boolean local) {
    String model =
        local
            ? """
              No OPENAI_API_KEY or OPENAI_BASE_URL is set: a local model inside this process answers.
              It is made of rules, not of weights; costs are what %s would cost for the same tokens.\
              """
                .formatted(config.model())
            : "Model: " + config.model() + " at " + config.baseUrl();
    return """

        agentops example server: %1$s
        %2$s

          docs     %1$s/docs
          health   %1$s/health
          metrics  %1$s/metrics
          console  %1$s/console

        Try it, twice; the second answer comes from the cache and costs nothing:
          curl -s %1$s/chat -H 'Content-Type: application/json' -d '{"message": "Hello! What can you do?"}'

        With a tool, streamed:
          curl -sN %1$s/chat/stream -H 'Content-Type: application/json' -d '{"message": "What is 12.5 * 8?"}'
        """
        .formatted(uri, model);
  }
}
