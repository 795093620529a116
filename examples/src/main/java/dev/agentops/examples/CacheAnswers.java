package dev.agentops.examples;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Scope;
import dev.agentops.cache.CachingInterceptor;
import dev.agentops.cache.ResponseCache;
import dev.agentops.examples.llm.LocalLlm;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import java.time.Duration;

/**
 * Answers a question that was asked before without asking the model; but never one user from
 * another's answers.
 */
public final class CacheAnswers {

  private CacheAnswers() {}

  public static void main(String[] args) {
    try (LocalLlm llm = LocalLlm.start();
        ResponseCache cache =
            ResponseCache.builder().maximumSize(1_000).timeToLive(Duration.ofMinutes(10)).build()) {
      AgentOps ops = AgentOps.with(CachingInterceptor.of(cache)).build();
      ChatModel model =
          ops.wrap(
              OpenAiChatModel.builder()
                  .baseUrl(llm.baseUrl().toString())
                  .modelName("gpt-4o-mini")
                  .build());

      for (String user : new String[] {"alice", "alice", "bob"}) {
        try (Scope scope = ops.scope(Attributes.of("user.id", user))) {
          model.chat("Hello!");
          System.out.println(
              user
                  + " asked; the model was asked "
                  + llm.requests()
                  + " times, "
                  + cache.stats().hitCount()
                  + " hits");
        }
      }
    }
  }
}
