package dev.agentops.examples.server;

import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.UserMessage;

/**
 * The agent, as LangChain4j implements it. The message is a content and not a {@code String},
 * because a {@code String} is a template to LangChain4j: one with {@code {{braces}}} would fail.
 */
interface Assistant {

  String chat(@UserMessage TextContent message);

  TokenStream stream(@UserMessage TextContent message);
}
