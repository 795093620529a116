package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PriceFileTest {

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "3",
        "{\"sample_spec\":{\"input_cost_per_token\":0}}",
        "{\"format\":\"agentops-prices/1\",\"version\":\"v\"}",
      })
  void load_unknownFormat_namesTheFile(String content) throws IOException {
    Path file = Files.writeString(directory.resolve("wrong.json"), content);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PriceCatalog.load(file))
        .withMessageContaining("wrong.json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"rates\":{\"input\":-1}}|bad input: -1",
        "{\"rates\":{\"input\":\"1\"}}|bad input: \"1\"",
        "{\"rates\":{\"imput\":1}}|bad rate 'imput': 1",
        "{\"weekday\":\"MONDAY\",\"rates\":{}}|bad field 'weekday': \"MONDAY\"",
        "{\"from\":\"soon\",\"rates\":{}}|bad from: \"soon\"",
        "{\"between\":\"1-2\",\"rates\":{}}|bad time: \"1\"",
        "{\"units\":{\"pages\":{\"usd\":1,\"per\":0}}}|bad pages per: 0",
        "{\"units\":{\"pages\":{\"per\":1}}}|bad pages usd: missing",
        "{\"units\":{\"pages\":{\"usd\":1,\"per\":1,\"minimum\":-2}}}|bad pages minimum: -2",
        "{\"rates\":{\"input\":1000001}}|bad input: 1000001",
        "{\"rates\":{\"input\":NaN}}|not JSON: line 1",
        "{\"rates\":{\"input\":1,\"input\":2}}|not JSON: line 1",
        "{\"from\":\"2026-02-30\",\"rates\":{}}|bad from: \"2026-02-30\"",
        "{\"from\":\"2026-08-17T00:00:00\",\"rates\":{}}|bad from: \"2026-08-17T00:00:00\"",
        "{\"from\":\"2026-08-17\",\"until\":\"2026-08-17\",\"rates\":{}}|from is not before until",
        "{\"between\":\"09:00-09:00\",\"rates\":{}}|bad between: \"09:00-09:00\"",
        "{\"between\":\"09:00\",\"rates\":{}}|bad between: \"09:00\"",
        "{\"between\":\"22:00-25:00\",\"rates\":{}}|bad time: \"25:00\"",
        "{\"days\":[\"MONDAY\"],\"rates\":{}}|bad days: \"MONDAY\"",
        "{\"days\":[],\"rates\":{}}|bad days: []",
        "{\"zone\":\"Mars/Phobos\",\"rates\":{}}|bad zone: \"Mars/Phobos\"",
        "{\"inputAbove\":-1,\"rates\":{}}|bad inputAbove: -1",
        "{\"inputAbove\":1.5,\"rates\":{}}|bad inputAbove: 1.5",
        "{\"tier\":[],\"rates\":{}}|bad tier: []",
        "{\"tier\":3,\"rates\":{}}|bad tier: 3",
        "{\"region\":[\" \"],\"rates\":{}}|bad region: \" \"",
        "{\"marginal\":\"yes\",\"rates\":{}}|bad marginal: \"yes\"",
        "{\"marginal\":true,\"rates\":{}}|a marginal price has inputAbove",
        "{\"marginal\":true,\"inputAbove\":1,\"factor\":2}|a marginal price has inputAbove",
        "{\"marginal\":true,\"inputAbove\":1,\"rates\":{},\"units\":{}}|a marginal price has inputAbove",
        "{\"marginal\":true,\"inputAbove\":1,\"rates\":{}}|a marginal price without one below",
        "{\"factor\":0.5}|bad prices: [",
        "{\"factor\":-0.5}|bad factor: -0.5",
        "{\"factor\":1001}|bad factor: 1001",
        "{\"factor\":2,\"rates\":{}}|either rates and units or a factor",
        "{}|either rates and units or a factor",
        "{\"inputAbove\":\"200k\",\"rates\":{}}|bad inputAbove: \"200k\"",
        "{\"rates\":[]}|bad rates: []",
        "{\"rates\":{\"input\":1e2147483647}}|bad input",
        "{\"units\":{\"pages\":{\"usd\":1,\"per\":1,\"from\":2}}}|bad field 'from': 2",
        "3|bad object: 3",
      })
  void load_badPrice_namesFileAndValue(String price, String message) throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("bad.json"),
            "{\"format\":\"agentops-prices/2\",\"version\":\"v\",\"providers\":[{\"id\":\"p\",\"models\":[{\"id\":\"m\",\"match\":[\"m\"],\"prices\":["
                + price
                + "]}]}]}");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PriceCatalog.load(file))
        .withMessageContaining("bad.json")
        .withMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"currency\":\"CNY\",\"providers\":[]|unknown currency 'CNY'",
        "\"date\":\"yesterday\",\"providers\":[]|bad date: \"yesterday\"",
        "\"sources\":\"me\",\"providers\":[]|bad sources: \"me\"",
        "\"unit\":\"USD\",\"providers\":[]|bad field 'unit': \"USD\"",
        "\"providers\":[{\"id\":\"p\",\"models\":[]},{\"id\":\"p\",\"models\":[]}]|two providers 'p'",
        "\"providers\":[{\"id\":\"p\",\"names\":[\"*\"],\"models\":[]}]|p: a pattern that names every model: '*'",
        "\"providers\":[{\"id\":\"p\",\"models\":[{\"id\":\"m\",\"note\":1,\"prices\":[{\"rates\":{}}]}]}]|p/m: bad note: 1",
        "\"providers\":[{\"id\":\"p\",\"models\":[{\"id\":\"m\",\"aliases\":[\"x\"],\"prices\":[{\"rates\":{}}]},{\"id\":\"n\",\"aliases\":[\"X\"],\"prices\":[{\"rates\":{}}]}]}]|p/n: alias 'X' is one of 'm', too",
        "\"providers\":{}|the catalogue: bad providers: {}",
        "\"provider\":[]|the catalogue: bad field 'provider': []",
        "\"date\":\"2026-01-01\"|the catalogue: bad providers: missing",
        "\"providers\":[{\"id\":\"p\",\"model\":[]}]|p: bad field 'model': []",
        "\"providers\":[{\"id\":\"p\"}]|p: bad models: missing",
        "\"providers\":[{\"id\":\"p\",\"names\":\"q\",\"models\":[]}]|p: bad names: \"q\"",
        "\"providers\":[{\"id\":\"p\",\"models\":[{\"id\":\"m\",\"matches\":[],\"prices\":[]}]}]|p/m: bad field 'matches': []",
        "\"providers\":[{\"id\":\"p\",\"models\":[{\"id\":\"m\",\"match\":[1],\"prices\":[]}]}]|p/m: bad match: 1",
        "\"providers\":[{\"id\":\"p\",\"models\":[{\"id\":\"m\",\"prices\":{\"rates\":{}}}]}]|p/m: bad prices: {",
      })
  void load_badField_namesFileAndPlace(String fields, String message) throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("bad.json"),
            "{\"format\":\"agentops-prices/2\",\"version\":\"v\"," + fields + "}");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PriceCatalog.load(file))
        .withMessageContaining("bad.json")
        .withMessageContaining(message);
  }

  @Test
  void load_modelWithoutMatch_isFoundByItsIdBeforePatterns() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("own.json"),
            """
            {"format": "agentops-prices/2", "version": "v", "providers": [{"id": "p", "models": [
              {"id": "big", "match": ["big*"], "prices": [{"rates": {"input": 2}}]},
              {"id": "Big-Mini", "prices": [{"rates": {"input": 1}}]},
              {"id": "regional.big", "match": ["eu.big"], "prices": [{"rates": {"input": 3}}]}]}]}
            """);

    PriceCatalog catalog = PriceCatalog.load(file);

    assertThat(catalog.find("p", "big-mini").id()).isEqualTo("Big-Mini");
    assertThat(catalog.find("p", "big-maxi").id()).isEqualTo("big");
    assertThat(catalog.find("p", "eu.big").id()).isEqualTo("regional.big");
    assertThat(catalog.find("p", "regional.big")).isNull();
  }

  @Test
  void load_missingFile_throwsIoException() {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> PriceCatalog.load(directory.resolve("none.json")));
  }

  @Test
  void load_badPrice_namesTheModel() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> TestPrices.models("{\"id\":\"m\",\"prices\":[{\"rates\":{\"cacheRead\":-0.5}}]}"))
        .withMessage("price file 'test.json', line 1, p/m: bad cacheRead: -0.5");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"rates\":\\n{\"input\":1,\\n\"output\":-0.5}|line 5, p/m: bad output: -0.5",
        "\"rates\":\\n{\"input\":-3}|line 4, p/m: bad input: -3",
        "\\n\"tier\":\"\",\"rates\":{\"input\":1}|line 4, p/m: bad tier: \"\"",
        "\"units\":{\\n\"pages\":{\\n\"per\":1}}|line 4, p/m: bad pages usd: missing",
        "\\n\\n\"factor\":1|line 2, p/m: bad prices: [",
        "\"marginal\":\\ntrue,\"rates\":{\"input\":1}|line 3, p/m: a marginal price has",
      })
  void load_badPrice_namesTheLine(String price, String message) {
    String json =
        """
        {"format":"agentops-prices/2","version":"v","providers":[{"id":"p","models":[
          {"id":"m","prices":[
            {%s}]}]}]}
        """
            .formatted(price.replace("\\n", "\n"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestPrices.parse(json))
        .withMessageContaining("price file 'test.json', " + message);
  }

  @Test
  void load_badPriceOfAnothersList_namesNoLine() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TestPrices.parse(
                    """
                    [{"id":"p","pricing_urls":[],"models":[
                      {"id":"m","match":{"equals":"m"},"prices":{"input_mtok":-1}}]}]
                    """))
        .withMessage("price file 'test.json', p/m: bad input: -1");
  }

  @Test
  void load_endOfFile_saysNothingOfASourceThatIsNotShown() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestPrices.parse("{\n\"format\": "))
        .withMessageContaining("is not JSON: line 2")
        .withMessageNotContaining("REDACTED")
        .withMessageNotContaining("Source");
  }

  @Test
  void load_directory_namesIt() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> PriceCatalog.load(directory))
        .withMessage(directory + ": a directory and no price file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{|line 2",
        "{\"format\": \"agentops-prices/2\",\\n \"version\": v}|line 2",
        "{\"format\": \"agentops-prices/2\"}\\n\\n}|line 3",
      })
  void load_brokenJson_namesTheLine(String content, String line) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestPrices.parse(content.replace("\\n", "\n") + "\n"))
        .withMessageContaining("test.json")
        .withMessageContaining("is not JSON: " + line);
  }

  @Test
  void load_truncatedAnywhere_isRefused() throws IOException {
    String whole = Files.readString(TestPrices.resource("test-prices.json")).strip();

    for (int length = 0; length < whole.length(); length++) {
      String part = whole.substring(0, length);
      assertThatIllegalArgumentException().isThrownBy(() -> TestPrices.parse(part));
    }
    assertThat(TestPrices.parse(whole).find("acme", "plain")).isNotNull();
  }
}
