package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.agentops.Attributes;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class RedactorTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String EMAIL = "jane.doe@example.com";
  private static final String KEY = "sk-" + "proj-abcdefghij0123456789KLMN";

  private final Redactor redactor = Redactor.standard();

  @Test
  void redact_everyPartOfASpan_isClean() {
    Span dirty =
        span()
            .agentName("agent of " + EMAIL)
            .action("mail " + EMAIL)
            .name("chat " + EMAIL)
            .error("java.io.IOException: 401 for " + KEY)
            .input(List.of("write to " + EMAIL))
            .output("{\"to\": \"" + EMAIL + "\"}")
            .metadata(Map.of(EMAIL, Map.of("deep", List.of(KEY))))
            .attributes(
                Attributes.of(
                    "note " + EMAIL, "x", "list", List.of("a", EMAIL), "text", "by " + EMAIL))
            .event(new SpanEvent("sent " + EMAIL, Instant.EPOCH, Attributes.of("to", EMAIL)))
            .link(new SpanLink("trace", "span", Attributes.of("why " + EMAIL, EMAIL)))
            .build();

    Span clean = redactor.redact(dirty);

    assertThat(everything(clean))
        .doesNotContain("jane")
        .doesNotContain("example.com")
        .doesNotContain(KEY);
    assertThat(clean.output()).isEqualTo("{\"to\":\"[REDACTED:email]\"}");
    assertThat(clean.attribute("list")).isEqualTo(List.of("a", "[REDACTED:email]"));
    assertThat(clean.traceId()).isEqualTo(dirty.traceId());
    assertThat(clean.spanId()).isEqualTo(dirty.spanId());
    assertThat(clean.parentSpanId()).isEqualTo(dirty.parentSpanId());
    assertThat(clean.startTime()).isEqualTo(dirty.startTime());
    assertThat(clean.duration()).isEqualTo(dirty.duration());
    assertThat(clean.status()).isEqualTo(dirty.status());
    assertThat(redactor.redactions().keySet()).containsExactly("email", "secret");
    assertThat(redactor.failures()).isZero();
  }

  @Test
  void redact_cleanSpan_isEqual() {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("attempt", 3);
    metadata.put("nothing", null);
    metadata.put("tags", List.of("a", "b"));
    Span span =
        span()
            .input("{ \"city\" : \"Bern\" }")
            .output(List.of(1.5, "ok"))
            .metadata(metadata)
            .attributes(
                Attributes.of(
                    "gen_ai.request.model", "gpt-4-0613",
                    "gen_ai.usage.input_tokens", 4111111111111111L,
                    "agentops.cost.usd", "0.00008385"))
            .build();

    Span clean = redactor.redact(span);

    assertThat(clean.input()).isEqualTo(span.input());
    assertThat(clean.output()).isEqualTo(span.output());
    assertThat(clean.metadata()).isEqualTo(span.metadata());
    assertThat(clean.attributes()).isEqualTo(span.attributes());
    assertThat(clean.name()).isEqualTo(span.name());
    assertThat(redactor.redactions()).isEmpty();
  }

  @Test
  void redact_score_cleansItsComment() {
    Score clean =
        redactor.redact(
            Score.builder("t", "helpful").value(1).label("ok").comment("says " + EMAIL).build());

    assertThat(clean.comment()).contains("says [REDACTED:email]");
    assertThat(clean.name()).isEqualTo("helpful");
    assertThat(clean.value()).contains(1.0);
  }

  @Test
  void redact_emailBehindAJsonEscape_isFound() {
    assertThat(input("{\"to\":\"jane.doe\\u0040example.com\"}"))
        .isEqualTo("{\"to\":\"[REDACTED:email]\"}");
    assertThat(input("broken {\"to\":\"jane.doe\\u0040example.com\"")).doesNotContain("jane");
    assertThat(input("prose, then \\n" + KEY)).doesNotContain(KEY);
  }

  /** As LangChain4j words the {@code OutputParsingException} that an agent's error is made of. */
  @Test
  void redact_answerQuotedInBase64_isClean() {
    String answer = "{\"card\":\"4111 1111 1111 1111\",\"mail\":\"" + EMAIL + "\"}";
    String base64 = Base64.getEncoder().encodeToString(answer.getBytes(StandardCharsets.UTF_8));
    String error =
        "dev.langchain4j.service.output.OutputParsingException: Failed to parse \"%s\" (base64: \"%s\") into com.acme.Order"
            .formatted(answer, base64);

    String clean = String.valueOf(redactor.redact(span().error(error).build()).error());

    assertThat(clean)
        .isEqualTo(
            "dev.langchain4j.service.output.OutputParsingException: Failed to parse "
                + "\"{\"card\":\"[REDACTED:card]\",\"mail\":\"[REDACTED:email]\"}\" "
                + "(base64: \"[REDACTED:base64]\") into com.acme.Order");
    assertThat(redactor.redact(clean)).isEqualTo(clean);
    assertThat(redactor.redactions()).containsEntry("base64", 1L);
  }

  @Test
  void redact_base64_goesOnlyWhereItHidesSomething() {
    Base64.Encoder url = Base64.getUrlEncoder().withoutPadding();
    String harmless =
        url.encodeToString("The quick brown fox jumps".getBytes(StandardCharsets.UTF_8));
    String harmful = url.encodeToString(("¿mail " + EMAIL + "?").getBytes(StandardCharsets.UTF_8));
    byte[] image = new byte[100_000];
    new Random(7).nextBytes(image);
    String binary = Base64.getEncoder().encodeToString(image);

    assertThat(input(harmless + " " + harmful)).isEqualTo(harmless + " [REDACTED:base64]");
    assertThat(input("data:image/png;base64," + binary))
        .isEqualTo("data:image/png;base64," + binary);
    Redactor custom = Redactor.builder().custom("upper", text -> text + "!").build();
    assertThat(custom.redact(harmless)).isEqualTo(harmless + "!");
  }

  @Test
  void redact_jsonInAJsonString_staysJsonTwice() throws Exception {
    String arguments = JSON.writeValueAsString(Map.of("password", "hunter2", "city", "Bern"));
    String message = JSON.writeValueAsString(List.of(Map.of("arguments", arguments)));

    JsonNode clean = JSON.readTree(input(message));

    assertThat(JSON.readTree(clean.get(0).get("arguments").asText()))
        .isEqualTo(JSON.readTree("{\"password\":\"[REDACTED:secret]\",\"city\":\"Bern\"}"));
  }

  @Test
  void redact_namesOfFields_tellThatAValueIsSecret() {
    assertThat(input("{\"api_key\":\"abcdef\",\"a\":{\"dbPassword\":12345,\"x\":true}}"))
        .isEqualTo(
            "{\"api_key\":\"[REDACTED:secret]\",\"a\":{\"dbPassword\":\"[REDACTED:secret]\",\"x\":true}}");
    assertThat(input("{\"credentials\":{\"value\":[\"hunter2\"]}}")).doesNotContain("hunter2");
    assertThat(input("{\"phone\":4155550123,\"ssn\":\"123456789\"}"))
        .isEqualTo("{\"phone\":\"[REDACTED:phone]\",\"ssn\":\"[REDACTED:national_id]\"}");
    assertThat(attribute("user.password", "x")).isEqualTo("[REDACTED:secret]");
    assertThat(attribute("db.client_secret", List.of("x", "y")))
        .isEqualTo(List.of("[REDACTED:secret]", "[REDACTED:secret]"));
  }

  @Test
  void redact_jsonSchemaOfAPassword_stays() {
    String schema =
        "{\"type\":\"object\",\"properties\":{\"password\":{\"type\":\"string\",\"description\":\"a"
            + " new one\"}},\"required\":[\"password\"]}";

    assertThat(input(schema)).isEqualTo(schema);
  }

  @Test
  void redact_secretNames_areReplacedAndStayApart() throws Exception {
    String json = "{\"" + EMAIL + "\":1,\"john@example.com\":2,\"" + KEY + "\":3}";

    assertThat(input(json))
        .isEqualTo("{\"[REDACTED:email]\":1,\"[REDACTED:email]#2\":2,\"[REDACTED:secret]#3\":3}");

    Map<String, Object> map = new LinkedHashMap<>();
    map.put(EMAIL, 1);
    map.put("john@example.com", 2);
    Span clean = redactor.redact(span().metadata(map).build());
    assertThat(clean.metadata()).isEqualTo(Map.of("[REDACTED:email]", 1, "[REDACTED:email]#2", 2));
  }

  @Test
  void redact_base64_isNotDecoded() {
    byte[] bytes = new byte[30_000];
    new Random(7).nextBytes(bytes);
    String blob = Base64.getEncoder().encodeToString(bytes);

    assertThat(input(blob)).isEqualTo(blob);
    assertThat(input("{\"content\":\"" + blob + "\"}")).isEqualTo("{\"content\":\"" + blob + "\"}");
  }

  @Test
  void redact_invalidUtf16_doesNotThrow() {
    assertThat(input("\ud800 " + EMAIL + " \udc00")).isEqualTo("\ud800 [REDACTED:email] \udc00");
    assertThat(input("{\"a\":\"\ud800 " + EMAIL + "\"}")).contains("[REDACTED:email]");
    assertThat(redactor.failures()).isZero();
  }

  @Test
  void redact_circles_end() {
    Map<String, Object> map = new HashMap<>();
    List<Object> list = new ArrayList<>(List.of(EMAIL));
    list.add(map);
    map.put("list", list);

    Span clean = redactor.redact(span().metadata(map).input(list).build());

    assertThat(everything(clean)).doesNotContain("jane").contains(Redaction.FAILED);
    assertThat(redactor.failures()).isPositive();
  }

  @Test
  void redact_deepStructures_failClosed() {
    Object deep = EMAIL;
    for (int i = 0; i < 100_000; i++) {
      deep = List.of(deep);
    }
    String text = "[".repeat(100_000) + '"' + EMAIL + '"' + "]".repeat(100_000);

    assertThat(String.valueOf(redactor.redact(span().input(List.of(deep)).build()).input()))
        .doesNotContain("jane")
        .contains(Redaction.FAILED);
    assertThat(input(text)).isEqualTo(Redaction.FAILED);
    assertThat(input("[".repeat(900) + '"' + EMAIL + '"' + "]".repeat(900)))
        .contains("[REDACTED:email]")
        .endsWith("]]");
  }

  @Test
  void redact_jsonWithinJsonWithoutEnd_failsClosed() throws Exception {
    String text = "{\"to\":\"" + EMAIL + "\"}";
    for (int i = 0; i < 10; i++) {
      text = JSON.writeValueAsString(List.of(text));
    }

    assertThat(input(text)).doesNotContain("jane").contains(Redaction.FAILED);
  }

  @Test
  void redact_largeValues_areCleanedToTheEnd() {
    String prose = "The quick brown fox jumps over the lazy dog at 10:30. ".repeat(100_000);

    assertThat(input(prose + EMAIL)).isEqualTo(prose + "[REDACTED:email]");
    String part = prose.substring(0, 1_000_000);
    assertThat(input("[\"" + part + "\",\"" + EMAIL + "\"]"))
        .isEqualTo("[\"" + part + "\",\"[REDACTED:email]\"]");
    assertThat(redactor.failures()).isZero();
  }

  /** Whatever looks for an end from each of two hundred thousand beginnings would take minutes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "@",
        "a@",
        "a.@",
        "1",
        "1-",
        "+1",
        "://",
        "a://b@",
        ":=",
        "password=",
        "password:",
        "token:",
        "token=",
        "cookie:",
        "cookie: a=\"",
        "authorization: a ",
        "token=\\\"",
        "token=(\"",
        "password=a,b;c&",
        "password=)",
        "pwd=/a",
        "<password>",
        "<token><![CDATA[ ",
        "--token a ",
        "-u '",
        ":AA",
        "dG9rZW46",
        "token='",
        "sk-",
        "eyJ",
        "eyJa.",
        "-----BEGIN PRIVATE",
        "-----BEGIN PRIVATE KEY",
        "bearer ",
        "::",
        "1.",
        "1:",
        "DE",
        "DE89 ",
        "\\u0040",
        "{\"a\":",
        "[",
        "\""
      })
  void redact_textsOfBeginningsOnly_takeLinearTime(String beginning) {
    assertThat(input(beginning.repeat(200_000 / beginning.length()))).isNotEmpty();
  }

  @Test
  void redact_largeNumbers_areCleaned() {
    assertThat(input("[" + "1".repeat(100_000) + "]")).hasSize(100_002);
    assertThat(redactor.failures()).isZero();
  }

  @Test
  void redact_longAttributeNames_areCleaned() {
    String name = "k".repeat(9_000) + ' ' + EMAIL;
    Span dirty = span().event(new SpanEvent("e", Instant.EPOCH, Attributes.of(name, "v"))).build();

    Span clean = redactor.redact(dirty);

    assertThat(clean.events().get(0).attributes().asMap())
        .containsOnlyKeys("k".repeat(9_000) + " [REDACTED:email]");
  }

  @Test
  void redact_objects_areRenderedAsCleanText() {
    record Customer(String email, int age) {}
    Span clean =
        redactor.redact(
            span()
                .input(new Customer(EMAIL, 40))
                .output(
                    Arrays.asList(
                        URI.create("https://jane:pw@host/x"),
                        new StringBuilder(EMAIL),
                        EMAIL.toCharArray(),
                        Instant.EPOCH,
                        Duration.ofSeconds(1),
                        SpanStatus.OK,
                        null))
                .build());

    assertThat(clean.input()).isEqualTo("Customer[email=[REDACTED:email], age=40]");
    assertThat(clean.output())
        .isEqualTo(
            Arrays.asList(
                "https://[REDACTED:secret]@host/x",
                "[REDACTED:email]",
                "[REDACTED:email]",
                Instant.EPOCH,
                Duration.ofSeconds(1),
                SpanStatus.OK,
                null));
  }

  @Test
  void redact_objectsThatThrow_failClosed() {
    Object broken =
        new Object() {
          @Override
          public String toString() {
            throw new StackOverflowError(EMAIL);
          }
        };

    Span clean = redactor.redact(span().input(broken).metadata(Map.of("a", broken)).build());

    assertThat(clean.input()).isEqualTo(Redaction.FAILED);
    assertThat(clean.metadata()).isEqualTo(Map.of("a", Redaction.FAILED));
    assertThat(redactor.failures()).isEqualTo(2);
  }

  @Test
  void redact_ruleThatThrows_failsClosed() {
    Redactor failing =
        Redactor.builder()
            .custom(
                "mine",
                text -> {
                  if (text.contains("boom")) {
                    throw new IllegalStateException(text);
                  }
                  return text.contains("null") ? null : text;
                })
            .build();

    Span clean =
        failing.redact(
            span()
                .input("{\"a\":\"boom\",\"b\":\"fine\"}")
                .output("null")
                .attributes(Attributes.of("boom", 1))
                .build());

    assertThat(clean.input()).isEqualTo("{\"a\":\"[REDACTED:failed]\",\"b\":\"fine\"}");
    assertThat(clean.output()).isEqualTo(Redaction.FAILED);
    assertThat(clean.attributes().asMap()).containsOnlyKeys(Redaction.FAILED);
    assertThat(failing.failures()).isEqualTo(3);
    assertThat(failing.redactions()).isEmpty();
  }

  @Test
  void redact_ruleThatThrows_isLoggedWithoutTheValue() {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(Redactor.class);
    Level before = logger.getLevel();
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
    lines.start();
    logger.addAppender(lines);
    try {
      Redactor failing =
          Redactor.builder()
              .custom(
                  "mine",
                  text -> {
                    throw new IllegalStateException(text);
                  })
              .build();

      assertThat(failing.redact(EMAIL)).isEqualTo(Redaction.FAILED);
      assertThat(failing.redact(EMAIL)).isEqualTo(Redaction.FAILED);
    } finally {
      logger.detachAppender(lines);
      logger.setAdditive(true);
      logger.setLevel(before);
    }

    assertThat(lines.list).hasSize(1);
    ILoggingEvent line = lines.list.get(0);
    assertThat(line.getFormattedMessage()).contains("a rule of the redactor failed");
    assertThat(ThrowableProxyUtil.asString(line.getThrowableProxy()))
        .contains("java.lang.IllegalStateException")
        .contains(RedactorTest.class.getName())
        .doesNotContain("jane");
  }

  @Test
  void redact_patternThatBacktracksWithoutEnd_failsClosed() {
    Redactor slow = Redactor.builder().pattern("slow", Pattern.compile(".*.*.*.*.*=")).build();
    Redactor deep = Redactor.builder().pattern("deep", Pattern.compile("(a|b)*c")).build();

    assertThat(slow.redact(span().input("a".repeat(2_000)).build()).input())
        .isEqualTo(Redaction.FAILED);
    assertThat(deep.redact(span().input("ab".repeat(1_000_000)).build()).input())
        .isEqualTo(Redaction.FAILED);
    assertThat(slow.failures()).isEqualTo(1);
  }

  @Test
  void redact_jsonPaths_replaceTextAndObjects() {
    Redactor paths =
        Redactor.builder()
            .jsonPath("$.user.password")
            .jsonPath("$..card['no.']")
            .jsonPath("$.items[1]")
            .jsonPath("$.rows[*].*")
            .jsonPath("$..[3]")
            .build();
    String json =
        "{\"user\":{\"password\":\"a\",\"name\":\"b\"},\"x\":[{\"card\":{\"no.\":[1,2]}}],"
            + "\"items\":[0,1,2,3],\"rows\":[{\"a\":null,\"b\":1}],\"password\":\"c\"}";
    String mark = "\"[REDACTED:json_path]\"";

    assertThat(paths.redact(span().input(json).build()).input())
        .isEqualTo(
            "{\"user\":{\"password\":M,\"name\":\"b\"},\"x\":[{\"card\":{\"no.\":M}}],"
                    .replace("M", mark)
                + "\"items\":[0,M,2,M],\"rows\":[{\"a\":null,\"b\":M}],\"password\":\"c\"}"
                    .replace("M", mark));
    assertThat(
            paths
                .redact(
                    span().metadata(Map.of("user", Map.of("password", List.of(1)), "k", 2)).build())
                .metadata())
        .isEqualTo(Map.of("user", Map.of("password", "[REDACTED:json_path]"), "k", 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "$",
        "user",
        "$user",
        "$.",
        "$..",
        "$.a.",
        "$.a[",
        "$.a[x]",
        "$.a[-1]",
        "$.a[1:2]",
        "$.a[?(@.b)]",
        "$.[0]",
        "$...a",
        "$.a b",
        "$['']",
        "$.a]"
      })
  void jsonPath_ofAnotherForm_isRefused(String path) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Redactor.builder().jsonPath(path))
        .withMessageContaining("'" + path + "'");
  }

  @Test
  void builder_badRules_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> Redactor.builder().build());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Redactor.builder().pattern("a b", Pattern.compile("x")))
        .withMessageContaining("'a b'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Redactor.builder().custom(" ", text -> text))
        .withMessageContaining("' '");
    assertThatIllegalArgumentException().isThrownBy(() -> Redactor.builder().attribute(" "));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Redactor.builder().pseudonyms(new byte[15]))
        .withMessageContaining("15");
  }

  @Test
  void redact_attributeRule_replacesTheWholeValue() {
    Redactor rule = Redactor.builder().attribute("user.id").build();

    Span clean =
        rule.redact(
            span()
                .attributes(Attributes.of("user.id", 17, "user.name", "jane"))
                .event(new SpanEvent("e", Instant.EPOCH, Attributes.of("user.id", "x")))
                .build());

    assertThat(clean.attributes())
        .isEqualTo(Attributes.of("user.id", "[REDACTED:attribute]", "user.name", "jane"));
    assertThat(clean.events().get(0).attributes().get("user.id")).isEqualTo("[REDACTED:attribute]");
    assertThat(rule.redactions()).isEqualTo(Map.of("attribute", 2L));
  }

  @Test
  void redact_pseudonyms_keepEqualValuesEqual() {
    byte[] key = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);
    Redactor one = pseudonyms(key);
    Redactor other = pseudonyms("fedcba9876543210".getBytes(StandardCharsets.UTF_8));
    String text = EMAIL + " and " + EMAIL + " and john@example.com";

    String clean = (String) one.redact(span().input(text).build()).input();

    assertThat(clean)
        .matches("(\\[REDACTED:email#[a-p]{16}]) and \\1 and \\[REDACTED:email#[a-p]{16}]");
    assertThat(clean.substring(0, 34)).isNotEqualTo(clean.substring(clean.length() - 34));
    assertThat(pseudonyms(key).redact(span().input(text).build()).input()).isEqualTo(clean);
    assertThat(other.redact(span().input(text).build()).input()).isNotEqualTo(clean);
  }

  @Test
  void redact_twice_isTheSameAsOnce() {
    String dirty =
        "{\"password\":\"a\",\"text\":\"" + EMAIL + ' ' + KEY + " +41 44 668 18 00 password=x\"}";
    for (Redactor any : List.of(redactor, pseudonyms(new byte[16]))) {
      Span once = any.redact(span().input(dirty).build());
      Map<String, Long> counts = any.redactions();

      assertThat(any.redact(once).input()).isEqualTo(once.input());
      assertThat(any.redact((String) once.input())).isEqualTo(once.input());
      assertThat(any.redactions()).isEqualTo(counts);
    }
  }

  @Test
  void redact_text_isAsThatOfASpan() {
    for (String dirty :
        List.of(
            "Cookie: a=1; b=" + EMAIL,
            "Authorization: Bearer abcdefgh1234 and " + EMAIL,
            "password=a,b passphrase: one two 4111111111111111 12/27",
            "<password>x</password> --token 9f8e7d6c5b4a 10.1.2.3",
            Base64.getEncoder().encodeToString(EMAIL.getBytes(StandardCharsets.UTF_8)))) {
      for (Redactor any : List.of(redactor, pseudonyms(new byte[16]))) {
        String clean = any.redact(dirty);

        assertThat(clean)
            .isNotEqualTo(dirty)
            .isEqualTo(any.redact(span().input(dirty).build()).input());
        assertThat(any.redact(clean)).isEqualTo(clean);
      }
    }
  }

  @Test
  void redact_fakeMarks_hideNothing() {
    assertThat(input("[REDACTED:" + EMAIL + "]")).doesNotContain("jane");
    assertThat(attribute("password", "[REDACTED:hunter2]")).isEqualTo("[REDACTED:secret]");
  }

  @Test
  void redact_modelNames_giveUpSecretsOnly() {
    Redactor greedy =
        Redactor.builder()
            .detectors(Detector.SECRETS)
            .pattern("digits", Pattern.compile("\\d+"))
            .build();
    Span clean =
        greedy.redact(
            span()
                .attributes(
                    Attributes.of(
                        "gen_ai.request.model", "gpt-4-0613",
                        "gen_ai.response.model", KEY,
                        "agentops.cost.usd", "0.5",
                        "other", "a1"))
                .build());

    assertThat(clean.attributes())
        .isEqualTo(
            Attributes.of(
                "gen_ai.request.model", "gpt-4-0613",
                "gen_ai.response.model", "[REDACTED:secret]",
                "agentops.cost.usd", "0.5",
                "other", "a[REDACTED:digits]"));
    assertThat(clean.cost()).isPresent();
  }

  @Test
  void redact_manyThreads_countEach() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        all.add(
            pool.submit(
                () -> {
                  for (int n = 0; n < 500; n++) {
                    assertThat(input("to " + EMAIL)).isEqualTo("to [REDACTED:email]");
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      pool.shutdownNow();
    }

    assertThat(redactor.redactions()).isEqualTo(Map.of("email", 2_000L));
  }

  private static Redactor pseudonyms(byte[] key) {
    return Redactor.builder().detectors(Detector.values()).pseudonyms(key).build();
  }

  private String input(String text) {
    return (String) redactor.redact(span().input(text).build()).input();
  }

  private Object attribute(String name, Object value) {
    return redactor.redact(span().attributes(Attributes.of(name, value)).build()).attribute(name);
  }

  static String everything(Span span) {
    return String.join(
        "\n",
        span.toString(),
        String.valueOf(span.input()),
        String.valueOf(span.output()),
        span.metadata().toString(),
        span.attributes().toString(),
        span.events().toString(),
        span.links().toString());
  }

  static Span.Builder span() {
    return Span.builder()
        .traceId("0af7651916cd43dd8448eb211c80319c")
        .spanId("b7ad6b7169203331")
        .parentSpanId("b7ad6b7169203332")
        .agentName("agent")
        .action("chat")
        .startTime(Instant.parse("2026-01-02T03:04:05Z"))
        .duration(Duration.ofMillis(5));
  }
}
