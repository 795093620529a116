package dev.agentops.examples.server;

import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;

/**
 * The agent, as LangChain4j implements it. The message is a variable of a template and not the
 * template itself, as a lone {@code String} would be: one with {@code {{braces}}} would fail.
 */
interface Assistant {

  @UserMessage("{{message}}")
  String chat(@V("message") String message);

  @UserMessage("{{message}}")
  TokenStream stream(@V("message") String message);
}
