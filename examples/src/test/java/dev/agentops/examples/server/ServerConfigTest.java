package dev.agentops.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerConfigTest {

  @Test
  void from_nothing_isLocal() {
    ServerConfig config = ServerConfig.from(Map.of("OPENAI_API_KEY", " "));

    assertThat(config.port()).isEqualTo(8000);
    assertThat(config.host()).isEqualTo("127.0.0.1");
    assertThat(config.baseUrl()).isNull();
    assertThat(config.apiKey()).isNull();
  }

  @Test
  void from_aKey_isOpenAi() {
    assertThat(ServerConfig.from(Map.of("OPENAI_API_KEY", "sk-1")).baseUrl())
        .hasToString("https://api.openai.com/v1");
  }

  @Test
  void from_aBaseUrl_isThatEndpoint() {
    assertThat(ServerConfig.from(Map.of("OPENAI_BASE_URL", "http://llm:9/v1/")).baseUrl())
        .hasToString("http://llm:9/v1");
  }

  @Test
  void toString_keepsTheKeySecret() {
    assertThat(ServerConfig.from(Map.of("OPENAI_API_KEY", "sk-1")).toString())
        .doesNotContain("sk-1");
  }

  @ParameterizedTest
  @CsvSource({
    "PORT, eighty",
    "PORT, 70000",
    "PORT, -1",
    "OPENAI_BASE_URL, llm:9",
    "RATE_LIMIT_PER_MINUTE, 0",
    "DAILY_BUDGET_USD, much",
    "DAILY_BUDGET_USD, 0",
    "MAX_CONCURRENT_CHATS, 0",
    "MODEL_TIMEOUT_SECONDS, 0"
  })
  void from_aValueThatMakesNoSense_namesTheVariable(String name, String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerConfig.from(Map.of(name, value)))
        .withMessageContaining(name);
  }
}
