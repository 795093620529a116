package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.Attributes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpanJsonTest {

  @Test
  void read_everyPart() {
    Attributes attributes =
        Attributes.builder()
            .put("text", "x")
            .put("small", 7)
            .put("large", Long.MAX_VALUE)
            .put("share", 2.0)
            .put("nan", Double.NaN)
            .put("endless", Double.NEGATIVE_INFINITY)
            .put("flag", true)
            .put("list", List.of("a", "b"))
            .put("empty", List.of())
            .build();
    Instant start = Instant.parse("2026-01-01T00:00:00.123456789Z");
    Span.Builder written =
        span()
            .parentSpanId("p")
            .name("chat gpt-4")
            .kind(SpanKind.CLIENT)
            .status(SpanStatus.ERROR)
            .error("boom")
            .input(Map.of("query", "hello"))
            .output("hi")
            .metadata(Map.of("tokens", 100))
            .attributes(attributes)
            .link(new SpanLink("t2", "s2", Attributes.of("why", "retry")))
            .startTime(start)
            .duration(Duration.ofNanos(1_234_567_891));
    for (int i = 0; i < Span.Builder.MAXIMUM_EVENTS + 3; i++) {
      written.event(new SpanEvent("e" + i, start.plusNanos(i), Attributes.of("i", i)));
    }
    for (int i = 0; i < AttributeList.MAXIMUM; i++) {
      written.attribute("more" + i, i);
    }
    Span span = written.build();

    Span read = SpanJson.read(SpanJson.write(span));

    assertThat(read.traceId()).isEqualTo("t");
    assertThat(read.spanId()).isEqualTo("s");
    assertThat(read.parentSpanId()).isEqualTo("p");
    assertThat(read.agentName()).isEqualTo("agent");
    assertThat(read.action()).isEqualTo("act");
    assertThat(read.name()).isEqualTo("chat gpt-4");
    assertThat(read.kind()).isEqualTo(SpanKind.CLIENT);
    assertThat(read.status()).isEqualTo(SpanStatus.ERROR);
    assertThat(read.error()).isEqualTo("boom");
    assertThat(read.input()).isEqualTo(Map.of("query", "hello"));
    assertThat(read.output()).isEqualTo("hi");
    assertThat(read.metadata()).isEqualTo(Map.of("tokens", 100));
    assertThat(read.attributes()).isEqualTo(span.attributes());
    assertThat(read.attribute("nan")).isEqualTo(Double.NaN);
    assertThat(read.attribute("share")).isEqualTo(2.0);
    assertThat(read.attribute("small")).isEqualTo(7L);
    assertThat(read.droppedAttributes()).isEqualTo(attributes.size());
    assertThat(read.events()).isEqualTo(span.events());
    assertThat(read.droppedEvents()).isEqualTo(3);
    assertThat(read.links()).isEqualTo(span.links());
    assertThat(read.startTime()).isEqualTo(start);
    assertThat(read.duration()).isEqualTo(Duration.ofNanos(1_234_567_891));
    assertThat(SpanJson.write(read)).isEqualTo(SpanJson.write(span));
    assertThat(SpanJson.write(read.toBuilder().build())).isEqualTo(SpanJson.write(span));
  }

  @Test
  void read_onlyWhatIsRequired() {
    Span read = SpanJson.read(SpanJson.write(span().build()));

    assertThat(read.parentSpanId()).isNull();
    assertThat(read.error()).isNull();
    assertThat(read.input()).isNull();
    assertThat(read.output()).isNull();
    assertThat(read.metadata()).isEmpty();
    assertThat(read.attributes()).isEqualTo(Attributes.empty());
    assertThat(read.name()).isEqualTo("act agent");
  }

  @Test
  void read_payloadsOfEveryType() {
    Map<String, Object> nested = new HashMap<>();
    nested.put("null", null);
    nested.put("$long", 5);
    nested.put("$$", List.of(1, 2L, 3.0));
    nested.put("", Map.of("$x", Map.of()));
    List<Object> payloads =
        List.of(
            "",
            "text",
            true,
            5,
            5L,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            Integer.MIN_VALUE,
            0.1,
            1e300,
            -0.0,
            Double.NaN,
            1.5f,
            new BigDecimal("1.20"),
            new BigInteger("123456789012345678901234567890"),
            List.of(),
            Map.of(),
            Map.of("$decimal", "no number"),
            Map.of("$long", 5L),
            Arrays.asList(1, null, "x"),
            nested);

    for (Object payload : payloads) {
      assertThat(roundTrip(payload)).isEqualTo(payload).hasSameClassAs(roundTrip(payload));
    }
    assertThat(roundTrip(payloads)).isEqualTo(payloads);
  }

  @Test
  void read_otherObjects_areTheirTexts() {
    assertThat(roundTrip(Duration.ofSeconds(1))).isEqualTo("PT1S");
    assertThat(roundTrip(SpanStatus.OK)).isEqualTo("OK");
    assertThat(roundTrip(new int[] {1, 2})).isEqualTo(List.of(1, 2));
    assertThat(roundTrip(new Object[] {1L, null})).isEqualTo(Arrays.asList(1L, null));
    assertThat(roundTrip(Map.of(1, 2))).isEqualTo(Map.of("1", 2));
  }

  @Test
  void write_hostileObjects() {
    List<Object> cyclic = new ArrayList<>();
    cyclic.add(cyclic);
    cyclic.add(cyclic);
    Map<String, Object> circle = new LinkedHashMap<>();
    circle.put("self", circle);
    Object throwing =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("no text");
          }
        };
    Object recursive =
        new Object() {
          @Override
          public String toString() {
            return "x" + this;
          }
        };
    Object deep = "bottom";
    for (int i = 0; i < 100_000; i++) {
      deep = Collections.singletonList(deep);
    }
    String text = "x".repeat(1_000_000);

    assertThat(SpanJson.write(span().input(cyclic).build())).contains(PayloadJson.CUT);
    assertThat(SpanJson.write(span().input(circle).build())).contains(PayloadJson.CUT);
    assertThat(SpanJson.write(span().input(deep).build())).contains(PayloadJson.CUT);
    assertThat(roundTrip(throwing))
        .isEqualTo("(cannot be written: java.lang.IllegalStateException)");
    assertThat(roundTrip(recursive)).isEqualTo("(cannot be written: java.lang.StackOverflowError)");
    assertThat(SpanJson.write(span().input(Collections.nCopies(1_000, text)).build()).length())
        .isLessThan(PayloadJson.MAXIMUM_CHARACTERS + 10_000);
    assertThat(SpanJson.write(span().metadata(circle).output(throwing).build()))
        .contains(PayloadJson.CUT);
  }

  @Test
  void read_anyText_asUtf8Too() {
    String text = "\u0000\u0001\n\r\"\\/\u2028\u7f16é日😀 \ud800 \udc00 \ud83d";
    Span span = span().traceId(text).input(text).attributes(Attributes.of(text, text)).build();

    String json = SpanJson.write(span);
    byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
    Span read = SpanJson.read(new String(utf8, StandardCharsets.UTF_8));

    assertThat(json).doesNotContain("\n").doesNotContain("\u0000");
    assertThat(read.traceId()).isEqualTo(text);
    assertThat(read.input()).isEqualTo(text);
    assertThat(read.attribute(text.replaceAll("[\\ud800\\udc00]|\\ud83d$", "\ufffd")))
        .isEqualTo(text);
  }

  @Test
  void write_attributeThatRepeatsTheInput_isNotWrittenTwice() {
    String messages = "m".repeat(10_000);
    Span span =
        span()
            .input(messages)
            .output("short")
            .attributes(Attributes.of("in", messages, "out", "short"))
            .build();

    String json = SpanJson.write(span);

    assertThat(json.length()).isLessThan(11_000);
    assertThat(SpanJson.read(json).attributes()).isEqualTo(span.attributes());
  }

  @Test
  void read_largePayload() {
    String large = "日x".repeat(25_000_000);

    assertThat(roundTrip(large).equals(large)).isTrue(); // not isEqualTo, which would print it
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void read_randomised(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      Object payload = anything(random, 0);
      assertThat(roundTrip(payload)).isEqualTo(payload);
    }
  }

  private static Object anything(Random random, int depth) {
    return switch (random.nextInt(depth > 4 ? 6 : 8)) {
      case 0 -> random.nextInt();
      case 1 -> random.nextLong() >> random.nextInt(64);
      case 2 -> random.nextGaussian();
      case 3 -> random.nextBoolean();
      case 4 -> new BigDecimal(new BigInteger(70, random), random.nextInt(40) - 20);
      case 5 -> anyText(random);
      case 6 ->
          IntStream.range(0, random.nextInt(5)).mapToObj(i -> anything(random, depth + 1)).toList();
      default -> {
        Map<String, Object> map = new HashMap<>();
        IntStream.range(0, random.nextInt(4))
            .forEach(
                i ->
                    map.put(
                        anyText(random).replaceAll("\\p{Cs}", ""), anything(random, depth + 1)));
        yield map;
      }
    };
  }

  private static String anyText(Random random) {
    StringBuilder text = new StringBuilder(random.nextBoolean() ? "$" : "");
    random.ints(random.nextInt(6), 0, 0x10000).forEach(c -> text.append((char) c));
    return text.toString();
  }

  @Test
  void read_unknownFields_areIgnored() {
    String json =
        SpanJson.write(span().build()).replace("{\"v\":1,", "{\"v\":1,\"new\":{\"a\":1},");

    assertThat(SpanJson.read(json).spanId()).isEqualTo("s");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{}",
        "[]",
        "nonsense",
        "{\"v\":1,\"type\":\"span\"}",
        "{\"v\":1,\"type\":\"score\",\"trace_id\":\"t\"}",
        "{\"v\":1,\"type\":\"span\",\"trace_id\":\"t\",\"spa",
      })
  void read_invalid(String json) {
    assertThatThrownBy(() -> SpanJson.read(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("not a span: '" + json + "': ");
    assertThatThrownBy(() -> SpanJson.readScore(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("not a score: '" + json + "': ");
  }

  @Test
  void read_invalid_quotesOnlyTheBeginning() {
    String json = SpanJson.write(span().build());

    assertThatThrownBy(() -> SpanJson.read("x".repeat(1_000_000)))
        .hasMessageStartingWith("not a span: '" + "x".repeat(100) + "...'")
        .message()
        .hasSizeLessThan(1_000);
    assertThatThrownBy(() -> SpanJson.read(json.replace("\"v\":1", "\"v\":2")))
        .hasMessageEndingWith("its version is 2, not 1");
    assertThatThrownBy(() -> SpanJson.read(json.replace("\"OK\"", "\"FINE\"")))
        .hasMessageContaining("FINE");
    assertThatThrownBy(() -> SpanJson.read(json + json))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readScore_everyPart() {
    Score full =
        Score.builder("t", "helpfulness")
            .spanId("s")
            .value(0.1)
            .label("good")
            .comment("why\n\u0000\ud800")
            .timestamp(Instant.parse("2026-01-01T00:00:00.000000001Z"))
            .build();
    Score least = Score.builder("t", "thumb").label("up").build();

    assertThat(SpanJson.readScore(SpanJson.write(full))).isEqualTo(full);
    assertThat(SpanJson.readScore(SpanJson.write(least))).isEqualTo(least);
  }

  private static Object roundTrip(Object payload) {
    return SpanJson.read(SpanJson.write(span().output(payload).build())).output();
  }

  private static Span.Builder span() {
    return Span.builder()
        .traceId("t")
        .spanId("s")
        .agentName("agent")
        .action("act")
        .startTime(Instant.parse("2026-01-01T00:00:00Z"));
  }
}
