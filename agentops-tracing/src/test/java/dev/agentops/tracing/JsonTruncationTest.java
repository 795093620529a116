package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTruncationTest {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  static {
    JSON.getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder().maxNumberLength(Integer.MAX_VALUE).build());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void cut_randomJson_isJsonWithinTheMaximum(long seed) throws Exception {
    Random random = new Random(seed);
    for (int i = 0; i < 1_500; i++) {
      JsonNode tree = tree(random, 0);
      String text = random.nextBoolean() ? tree.toString() : tree.toPrettyString();
      int maximum = 128 + random.nextInt(1 + Math.max(128, text.length()));

      String cut = JsonTruncation.cut(text, maximum);

      assertThat(cut.length()).as("seed %d, round %d", seed, i).isLessThanOrEqualTo(maximum);
      JSON.readTree(cut);
      if (text.length() <= maximum) {
        assertThat(cut).isSameAs(text);
      }
    }
  }

  @Test
  void cut_longStrings_goFirst() throws Exception {
    ObjectNode tree = JSON.createObjectNode();
    tree.put("a", "short").put("long", "x".repeat(10_000)).put("z", "y".repeat(300)).put("n", 1);

    JsonNode cut = JSON.readTree(JsonTruncation.cut(tree.toString(), 1_000));

    assertThat(cut.get("a").asText()).isEqualTo("short");
    assertThat(cut.get("z").asText()).isEqualTo("y".repeat(300));
    assertThat(cut.get("n").asInt()).isEqualTo(1);
    String left = cut.get("long").asText();
    int kept = left.indexOf('…');
    assertThat(kept).isGreaterThan(300);
    assertThat(left.substring(kept)).isEqualTo("…[truncated " + (10_000 - kept) + " characters]");
  }

  @Test
  void cut_manyElements_endsWithAMarker() throws Exception {
    ArrayNode tree = JSON.createArrayNode();
    for (int i = 0; i < 10_000; i++) {
      tree.addObject().put("i", i);
    }

    JsonNode cut = JSON.readTree(JsonTruncation.cut("{\"a\":" + tree + ",\"b\":1}", 500));

    JsonNode list = cut.get("a");
    assertThat(list.get(0).get("i").asInt()).isZero();
    assertThat(list.get(list.size() - 1).toString()).contains("…").contains("[truncated ");
  }

  @Test
  void cut_deepJson_endsAtADepth() throws Exception {
    String deep = "[".repeat(200_000) + "]".repeat(200_000);

    String cut = JsonTruncation.cut(deep, 1_000);

    assertThat(cut).hasSizeLessThanOrEqualTo(1_000).contains("[truncated ");
    JSON.readTree(cut);
  }

  @Test
  void cut_escapesAndSurrogates_stayWhole() throws Exception {
    String[] units = {"\\\"", "\\\\", "\\u00e9", "\\ud83d\\ude00", "😀", "a"};
    for (int maximum = 128; maximum < 160; maximum++) {
      for (String unit : units) {
        String cut = JsonTruncation.cut('"' + unit.repeat(500) + '"', maximum);

        assertThat(cut).hasSizeLessThanOrEqualTo(maximum);
        String text = JSON.readTree(cut).asText();
        String kept = text.substring(0, text.indexOf('…'));
        assertThat(JSON.readTree('"' + unit.repeat(500) + '"').asText()).startsWith(kept);
        assertThat(kept.isEmpty() || !Character.isHighSurrogate(kept.charAt(kept.length() - 1)))
            .isTrue();
      }
    }
  }

  @Test
  void cut_text_saysHowMuch() {
    assertThat(JsonTruncation.cut("é".repeat(1_000), 200))
        .isEqualTo("é".repeat(166) + "…[truncated 834 characters]");
    assertThat(JsonTruncation.cut("a" + "😀".repeat(1_000), 200)).doesNotContain("\ud83d…");
    assertThat(JsonTruncation.cut("[1,2" + " ".repeat(1_000), 200)).endsWith("characters]");
    assertThat(JsonTruncation.cut("[1] and prose" + "x".repeat(1_000), 200))
        .endsWith("characters]");
    assertThat(JsonTruncation.cut("{\"a\":\"" + "\ud800".repeat(1_000), 200))
        .endsWith("characters]");
  }

  @Test
  void cut_50MillionCharacters_works() throws Exception {
    String huge = "{\"a\":\"" + "x".repeat(50_000_000) + "\",\"b\":[1,2]}";

    JsonNode cut = JSON.readTree(JsonTruncation.cut(huge, 10_000));

    assertThat(cut.get("a").asText()).contains("…[truncated ");
    assertThat(cut.get("b").toString()).isEqualTo("[1,2]");
  }

  @Test
  void cut_tinyMaximum_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JsonTruncation.cut("x", 127))
        .withMessageContaining("127");
  }

  private static JsonNode tree(Random random, int depth) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    switch (random.nextInt(depth > 6 ? 5 : 9)) {
      case 0 -> {
        return nodes.numberNode(random.nextLong());
      }
      case 1 -> {
        return nodes.nullNode();
      }
      case 2, 3, 4 -> {
        return nodes.textNode(text(random, random.nextInt(10) == 0 ? 2_000 : 20));
      }
      case 5, 6 -> {
        ArrayNode array = nodes.arrayNode();
        for (int i = random.nextInt(random.nextInt(10) == 0 ? 100 : 5); i > 0; i--) {
          array.add(tree(random, depth + 2));
        }
        return array;
      }
      default -> {
        ObjectNode object = nodes.objectNode();
        for (int i = random.nextInt(6); i > 0; i--) {
          object.set(text(random, random.nextInt(20) == 0 ? 400 : 8), tree(random, depth + 1));
        }
        return object;
      }
    }
  }

  private static String text(Random random, int most) {
    String alphabet = "ab \"\\\n\u0001é€";
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      if (random.nextInt(8) == 0) {
        text.append("😀");
      } else {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
    }
    return text.toString();
  }
}
