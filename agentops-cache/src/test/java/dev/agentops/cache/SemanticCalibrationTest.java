package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SemanticCalibrationTest {

  private static final List<QuestionPair> PAIRS = QuestionPairs.all();

  @Test
  void at_ownPairsInEnglish_fewFalseHitsAndGoodRecall() {
    SemanticCalibration.Result result = SemanticCalibration.of(chinese(false)).at(0);

    assertThat(result.servedDifferent().rate()).as("%s %s", result, texts(result)).isLessThan(0.01);
    assertThat(result.servedDifferent().upperBound()).isLessThan(0.02);
    assertThat(result.recall()).as(result.toString()).isGreaterThan(0.7);
    assertThat(result.precision()).isGreaterThan(0.98);
  }

  @Test
  void at_ownPairsInChinese_noFalseHitsAndGoodRecall() {
    SemanticCalibration.Result result = SemanticCalibration.of(chinese(true)).at(0);

    assertThat(result.wrong()).as("%s %s", result, texts(result)).isEmpty();
    assertThat(result.recall()).as(result.toString()).isGreaterThan(0.6);
  }

  @Test
  void at_higherSimilarity_lessRecall() {
    SemanticCalibration calibration = SemanticCalibration.of(PAIRS);

    assertThat(calibration.at(0.9).recall()).isBetween(0.1, calibration.at(0).recall());
    assertThat(calibration.at(1).falseHits().falseHits()).isZero();
  }

  @Test
  void within_budget_boundHolds() {
    assertThat(SemanticCalibration.of(PAIRS).within(0.05))
        .hasValueSatisfying(
            result -> {
              assertThat(result.falseHits().upperBound()).isLessThanOrEqualTo(0.05);
              assertThat(result.recall()).isGreaterThan(0.5);
            });
  }

  @Test
  void within_halfOfTheHitsWrong_empty_howeverManyOthersDiffer() {
    List<QuestionPair> pairs = new ArrayList<>();
    for (String word : List.of("password", "invoice", "address", "account", "subscription")) {
      String question = "How do I change my " + word;
      pairs.add(QuestionPair.same("right", question + "?", question));
      pairs.add(QuestionPair.different("wrong", question + "?", question));
    }
    for (int i = 0; i < 990; i++) {
      pairs.add(QuestionPair.different("easy", "Order " + i, "Order " + (i + 1)));
    }
    EmbeddingModel model =
        new EmbeddingModel() {
          @Override
          public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
            return Response.from(
                segments.stream().map(each -> Embedding.from(new float[] {1, 0})).toList());
          }
        };
    SemanticCalibration calibration = SemanticCalibration.of(pairs, "one direction", model);

    assertThat(calibration.within(0.02)).isEmpty();
    assertThat(calibration.at(0).falseHits().rate()).isEqualTo(0.5);
    assertThat(calibration.at(0).servedDifferent().rate()).isLessThan(0.01);
  }

  @Test
  void within_tooFewPairs_empty() {
    List<QuestionPair> few = PAIRS.stream().filter(pair -> !pair.isSame()).limit(20).toList();

    assertThat(SemanticCalibration.of(few).within(0.01)).isEmpty();
  }

  @Test
  void toString_tellsEachKind() {
    SemanticCalibration calibration =
        SemanticCalibration.of(
            List.of(
                QuestionPair.same("typo", "How do I chnage it?", "How do I change it?"),
                QuestionPair.different("number", "Order 12", "Order 21")));

    assertThat(calibration.at(0).toString())
        .contains("same typo", "1 of 1", "different number", "0 of 1", "recall 1.000");
  }

  @Test
  void at_outOfRange_throws() {
    SemanticCalibration calibration = SemanticCalibration.of(List.of());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> calibration.at(1.5))
        .withMessageContaining("1.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> calibration.within(0))
        .withMessageContaining("0.0");
  }

  private static List<QuestionPair> chinese(boolean chinese) {
    return PAIRS.stream().filter(pair -> QuestionPairs.isChinese(pair) == chinese).toList();
  }

  private static List<String> texts(SemanticCalibration.Result result) {
    return result.wrong().stream().map(pair -> pair.stored() + " | " + pair.asked()).toList();
  }
}
