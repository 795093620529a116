package dev.agentops.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import dev.agentops.TestClock;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCodecTest {

  private static final Everything EVERYTHING =
      new Everything(
          "naïve 键 \uD83D\uDE00\u0000",
          7,
          null,
          new BigDecimal("1.10"),
          Instant.parse("2026-01-02T03:04:05.678901234Z"),
          Duration.ofNanos(1_000_000_001),
          LocalDate.of(2026, 2, 28),
          OffsetDateTime.parse("2026-01-02T03:04:05+05:30"),
          ZonedDateTime.of(2026, 7, 1, 2, 3, 4, 5, ZoneId.of("Europe/Berlin")),
          Optional.of(new Point(1, 2)),
          Optional.empty(),
          OptionalInt.of(3),
          Map.of("a", List.of(new Point(3, 4))),
          new byte[] {0, -1},
          Colour.RED,
          new Circle(5));

  @Test
  void json_everything_roundTrip() throws Exception {
    Codec<Everything> codec = Codec.json(Everything.class);

    Everything back = codec.decode(codec.encode(EVERYTHING));

    assertThat(back).usingRecursiveComparison().isEqualTo(EVERYTHING);
    assertThat(back.shape()).isInstanceOf(Circle.class);
    assertThat(new String(codec.encode(EVERYTHING), UTF_8)).doesNotContain("dev.agentops");
  }

  @Test
  void json_typeWithParameters_roundTrip() throws Exception {
    Codec<Map<String, List<Point>>> codec = Codec.json(new TypeReference<>() {});
    Map<String, List<Point>> value = Map.of("a", List.of(new Point(1, 2)));
    assertThat(codec.decode(codec.encode(value))).isEqualTo(value);
  }

  @Test
  void json_bean_roundTrip() throws Exception {
    Codec<Bean> codec = Codec.json(Bean.class);
    Bean bean = new Bean();
    bean.setName("n");
    assertThat(codec.decode(codec.encode(bean)).getName()).isEqualTo("n");
  }

  @Test
  void json_computedGetterAndOmittedNull_roundTrip() throws Exception {
    Codec<Computed> codec = Codec.json(Computed.class);
    Computed value = new Computed("a", null);
    assertThat(new String(codec.encode(value), UTF_8)).contains("initial").doesNotContain("note");
    assertThat(codec.decode(codec.encode(value))).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{\"x\":1,\"y\":null}",
        "{\"x\":1,\"y\":\"2\"} ",
        "{\"x\":1,\"y\":2}{}"
      })
  void json_otherBytes_throw(String json) {
    assertThatThrownBy(() -> Codec.json(Point.class).decode(json.getBytes(UTF_8)))
        .isInstanceOf(Exception.class);
  }

  @Test
  void json_classNamesInJson_refusedWithTheirPlace() {
    assertThatThrownBy(() -> Codec.json(OpenProperty.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("OpenProperty.payload")
        .hasMessageContaining("CLASS");
    assertThatThrownBy(() -> Codec.json(Open.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("MINIMAL_CLASS");
    assertThatThrownBy(() -> Codec.json(new TypeReference<Map<String, List<Optional<Open>>>>() {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Open");
    assertThatThrownBy(() -> Codec.json(OpenPart[].class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Open");
  }

  @Test
  void json_abstractPart_refusedWithItsPlace() {
    assertThatThrownBy(() -> Codec.json(Box.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Box.content")
        .hasMessageContaining("Nameless");
    assertThatThrownBy(() -> Codec.json(new TypeReference<List<BoxOfBoxes>>() {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Box.content");
    assertThatThrownBy(() -> Codec.json(Nameless.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Nameless");
  }

  @Test
  void json_abstractPartThatAnAnnotationExplains_roundTrip() throws Exception {
    Codec<Explained> codec = Codec.json(Explained.class);
    Explained value = new Explained(new Plain(1), List.of(new Plain(2)), 3, "text");
    assertThat(codec.decode(codec.encode(value))).isEqualTo(value);
  }

  @Test
  void id_enumWithATextOfItsOwn_hasItsNames() {
    assertThat(Codec.json(Loud.class).id()).contains("[QUIET]").doesNotContain("!");
  }

  @Test
  void json_objectOfAStore_makesNoClass() throws Exception {
    Codec<Loose> codec = Codec.json(Loose.class);
    byte[] hostile =
        "{\"any\":{\"@class\":\"java.net.URL\",\"x\":[\"java.net.URL\",\"http://x\"]}}"
            .getBytes(UTF_8);
    assertThat(codec.decode(hostile).any()).isInstanceOf(Map.class);
  }

  @Test
  void id_shapeOrVersionChanged_another() {
    Set<String> ids =
        Set.of(
            Codec.json(Point.class).id(),
            Codec.json(Point.class, "2").id(),
            Codec.json(Colour.class).id(),
            Codec.json(Everything.class).id(),
            Codec.json(new TypeReference<List<Point>>() {}).id(),
            Codec.utf8().id(),
            Codec.bytes().id());
    assertThat(ids).hasSize(7);
    assertThat(Codec.json(Point.class).id()).isEqualTo(Codec.json(Point.class).id());
    assertThat(Codec.json(Everything.class).id()).contains("Point.x:int").contains("[RED, BLUE]");
    assertThat(Codec.json(Recursive.class).id()).contains("Recursive.inner");
  }

  @Test
  void cacheOfAnotherShape_misses_andLeavesTheValueToTheOther() {
    InMemoryCacheStore store = new InMemoryCacheStore("memory", TestClock.create());
    MultiLevelCache<Point> before =
        MultiLevelCache.builder(Codec.json(Point.class)).remote(store).build();
    MultiLevelCache<Point> after =
        MultiLevelCache.builder(Codec.json(Point.class, "2")).remote(store).build();
    before.put("k", new Point(1, 2));

    assertThat(after.get("k")).isEmpty();

    MultiLevelCache<Point> third =
        MultiLevelCache.builder(Codec.json(Point.class)).remote(store).build();
    assertThat(third.get("k")).hasValue(new Point(1, 2));
  }

  record Point(int x, int y) {}

  enum Colour {
    RED,
    BLUE
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes({@JsonSubTypes.Type(value = Circle.class, name = "circle")})
  interface Shape {}

  record Circle(int radius) implements Shape {}

  record Everything(
      String text,
      int number,
      String nothing,
      BigDecimal amount,
      Instant at,
      Duration took,
      LocalDate day,
      OffsetDateTime offset,
      ZonedDateTime zoned,
      Optional<Point> some,
      Optional<String> none,
      OptionalInt count,
      Map<String, List<Point>> nested,
      byte[] bytes,
      Colour colour,
      Shape shape) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Computed(String name, String note) {
    public String getInitial() {
      return name.substring(0, 1);
    }
  }

  interface Nameless {}

  record Plain(int n) implements Nameless {}

  record Box(Nameless content) {}

  record BoxOfBoxes(Map<String, Optional<Box>> boxes) {}

  record Explained(
      @JsonDeserialize(as = Plain.class) Nameless one,
      @JsonDeserialize(contentAs = Plain.class) List<Nameless> many,
      Number number,
      CharSequence text) {}

  enum Loud {
    QUIET {
      @Override
      public String toString() {
        return "quiet!";
      }
    }
  }

  record Recursive(String name, List<Recursive> inner) {}

  record Loose(Object any) {}

  record OpenProperty(@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) Object payload) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.MINIMAL_CLASS)
  interface Open {}

  record OpenPart(List<Open> parts) {}

  static final class Bean {
    private String name;

    public String getName() {
      return name;
    }

    public void setName(String name) {
      this.name = name;
    }
  }
}
