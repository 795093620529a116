package dev.agentops.examples;

import dev.agentops.cache.Codec;
import dev.agentops.cache.SemanticCache;
import java.util.List;

/**
 * Answers questions that mean the same from one stored answer, and no question that only looks so.
 */
public final class AnswerByMeaning {

  private AnswerByMeaning() {}

  public static void main(String[] args) {
    try (SemanticCache<String> answers = SemanticCache.builder(Codec.utf8()).build()) {
      answers.put("How do I enable two-factor authentication?", "Under Settings, Security.");
      answers.put("What is your fax number?", "030 1234567");
      for (String question :
          List.of(
              "how can i turn on two-factor authentication",
              "How do I disable two-factor authentication?",
              "Hi! Could you please tell me your fax number? Thanks!",
              "What is your phone number?")) {
        System.out.println(
            question
                + " -> "
                + answers.find(question).map(hit -> hit.value()).orElse("(ask the model)"));
      }
    }
  }
}
