package dev.agentops.resilience;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import java.util.ArrayList;
import java.util.List;

/** Cuts many texts into pieces of the size of a batch, and joins their embeddings. */
final class TextPieces {

  private TextPieces() {}

  /** The texts, in their order; one that is too long by itself is a piece by itself. */
  static List<List<TextSegment>> cut(List<TextSegment> texts, int maxSize, int maxCharacters) {
    List<List<TextSegment>> pieces = new ArrayList<>();
    int from = 0;
    long characters = 0;
    for (int i = 0; i < texts.size(); i++) {
      int more = texts.get(i).text().length();
      if (i > from && (i - from == maxSize || characters + more > maxCharacters)) {
        pieces.add(texts.subList(from, i));
        from = i;
        characters = 0;
      }
      characters += more;
    }
    pieces.add(texts.subList(from, texts.size()));
    return pieces;
  }

  /** All embeddings in their order, with the sum of the tokens. */
  static Response<List<Embedding>> join(List<Response<List<Embedding>>> answers) {
    List<Embedding> all = new ArrayList<>();
    TokenUsage usage = null;
    for (Response<List<Embedding>> answer : answers) {
      all.addAll(answer.content());
      usage = TokenUsage.sum(usage, answer.tokenUsage());
    }
    Response<List<Embedding>> last = answers.get(answers.size() - 1);
    return Response.from(all, usage, last.finishReason(), last.metadata());
  }
}
