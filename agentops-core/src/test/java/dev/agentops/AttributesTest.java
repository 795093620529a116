package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AttributesTest {

  @Test
  void of_valuesOfSeveralTypes_areNormalised() {
    UUID id = UUID.fromString("00000000-0000-0000-0000-000000000001");
    Attributes attributes =
        Attributes.builder()
            .put("i", 1)
            .put("f", 1.5f)
            .put("b", true)
            .put("l", List.of(1, 2))
            .put("u", id)
            .build();

    assertThat(attributes.asMap())
        .isEqualTo(
            Map.of("i", 1L, "f", 1.5d, "b", true, "l", List.of("1", "2"), "u", id.toString()));
  }

  @Test
  void equals_anotherOrder_isEqual() {
    assertThat(Attributes.of("a", 1, "b", "2")).isEqualTo(Attributes.of("b", "2", "a", 1L));
    assertThat(Attributes.of("a", 1)).isNotEqualTo(Attributes.of("a", 2));
    assertThat(Attributes.of("b", "2", "a", 1)).hasToString("{a=1, b=2}");
  }

  @Test
  void with_sameName_theNewValueWins() {
    Attributes merged = Attributes.of("a", 1, "b", 1).with(Attributes.of("b", 2, "c", 3));

    assertThat(merged).isEqualTo(Attributes.of("a", 1, "b", 2, "c", 3));
    assertThat(merged.get("missing")).isNull();
    assertThat(merged.text("b")).isEqualTo("2");
  }

  @Test
  void of_blankNameOrNullValue_isRefused() {
    assertThatThrownBy(() -> Attributes.of(" ", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("' '");
    assertThatThrownBy(() -> Attributes.from(Collections.singletonMap("team", null)))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("team");
  }
}
