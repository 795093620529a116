package dev.agentops.usage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JTokkitTokenCounterTest {

  /** Nine tokens of cl100k_base and eight of o200k_base, says OpenAI's cookbook. */
  private static final String BIRTHDAY = "お誕生日おめでとう";

  private final JTokkitTokenCounter counter = JTokkitTokenCounter.create();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt-4",
        "gpt-4-turbo-2024-04-09",
        "gpt-3.5-turbo",
        "gpt-35-turbo",
        "openai/gpt-4-32k",
        "ft:gpt-3.5-turbo-0125:org::id",
        "text-embedding-3-small",
        "text-embedding-ada-002"
      })
  void count_modelUpToGpt4_byCl100k(String model) {
    assertThat(counter.count(model, BIRTHDAY)).isEqualTo(9);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "none",
        "gpt-4o-2024-08-06",
        "gpt-4.1-mini",
        "gpt-4.5-preview",
        "GPT-5.6-sol",
        "ft:gpt-4o-2024-08-06:org::id",
        "o3",
        "claude-sonnet-5"
      })
  void count_newerOrOtherModel_byO200k(String model) {
    assertThat(counter.count(model, BIRTHDAY)).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource({"gpt-4, <|endoftext|>", "gpt-5, <|endoftext|>"})
  void count_specialToken_isText(String model, String text) {
    assertThat(counter.count(model, text)).isGreaterThan(1);
  }
}
