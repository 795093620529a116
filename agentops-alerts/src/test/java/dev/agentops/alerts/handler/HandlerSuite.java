package dev.agentops.alerts.handler;

import static dev.agentops.alerts.handler.Receiver.answer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.alerts.Alert;
import dev.agentops.alerts.AlertHandler;
import dev.agentops.alerts.AlertLevel;
import dev.agentops.alerts.AlertState;
import dev.agentops.alerts.DeliveryException;
import dev.agentops.alerts.Notification;
import dev.agentops.alerts.handler.Receiver.Answer;
import dev.agentops.alerts.handler.Receiver.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.slf4j.LoggerFactory;

/**
 * What every handler must do that speaks HTTP, whatever happens on the way: say rightly whether to
 * try again, wait for ever for nothing, keep its secret, lose no alert and harm nobody.
 */
abstract class HandlerSuite {

  /** What became of a delivery. */
  enum Result {
    DELIVERED,
    RETRY,
    PERMANENT,
    REJECTED,
    INTERRUPTED
  }

  /** An error that the vendor documents, and what it means. */
  record Refusal(int status, String body, Result result, @Nullable Duration retryAfter) {

    static Refusal of(int status, String body, Result result) {
      return new Refusal(status, body, result, null);
    }
  }

  /** Looks like a token, and has nothing that another text would have by chance. */
  static final String SECRET = "sEcReTqZ7xK9vB3nM5wL1pR8tY2uG4h6";

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(120);
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:05Z");

  private final ListAppender<ILoggingEvent> logs = new ListAppender<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);

  /** A handler with this secret, be it in its URL or not, that sends to this server. */
  abstract AlertHandler handler(URI server, String secret, Duration timeout);

  /** How the vendor says that all is well. */
  abstract Answer accept();

  /** Every error that the vendor documents. */
  abstract List<Refusal> refusals();

  /** No request's body is longer. */
  abstract int limitBytes();

  /** What a success is whose body is none that the vendor documents. */
  Result strangeSuccess() {
    return Result.RETRY;
  }

  /** What this status means without a body that the vendor documents. */
  Result resultOf(int status) {
    return List.of(408, 425, 429).contains(status) || status >= 500
        ? Result.RETRY
        : Result.PERMANENT;
  }

  /** Whether messages show {@link Alert#fingerprint()}. */
  boolean showsFingerprints() {
    return true;
  }

  /** Fails if this request is beyond a limit of the vendor. */
  void assertAllowed(Request request) {
    assertThat(request.bytes().length).isLessThanOrEqualTo(limitBytes());
  }

  /** Fails if this request could do harm; its alert has the text {@link #hostile()}. */
  void assertHarmless(Request request) {}

  /** What a model may have said to get at those who read the alert. */
  static String hostile() {
    return "\u0000\u001b[31mred\r\nX-Evil: 1\r\n\r\n\u202e@everyone @here @all @channel @durov"
        + " <!channel> <!here> <@U024BE7LH> <at id=\"all\">all</at> <at user_id=\"all\"></at>"
        + " <b>bold</b> </Say><Dial>1</Dial> <script>alert(1)</script> ]]> &amp; *a* _b_ `c`"
        + " [click](javascript:alert(1)) https://evil.example/ \ud83d\ude00 \ud83d \"'{}%0a\\";
  }

  @BeforeEach
  void listen() {
    logs.start();
    root.addAppender(logs);
  }

  @AfterEach
  void assertThatLogsKeepTheSecret() {
    root.detachAppender(logs);
    for (ILoggingEvent event : List.copyOf(logs.list)) {
      assertNoSecret(event.getFormattedMessage());
      if (event.getThrowableProxy() != null) {
        assertNoSecret(ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> deliver_tellsWhatBecameOfIt() {
    List<DynamicTest> tests = new ArrayList<>();
    tests.add(fault("good", accept(), Result.DELIVERED));
    for (Refusal refusal : refusals()) {
      String name = refusal.status() + " " + refusal.body();
      tests.add(
          fault(
              name,
              answer(refusal.status(), refusal.body()),
              refusal.result(),
              refusal.retryAfter()));
    }
    for (int status :
        List.of(400, 401, 403, 404, 405, 408, 410, 413, 415, 422, 425, 429, 500, 502, 503, 504)) {
      tests.add(fault(status + " that echoes", echo(status), resultOf(status)));
    }
    for (int status : List.of(400, 429, 503)) {
      tests.add(fault(status + " without body", answer(status, ""), resultOf(status)));
    }
    for (String garbage : List.of("soon", "-5", "", "NaN")) {
      Answer answer = answer(429, Map.of("Retry-After", garbage), "");
      tests.add(fault("429 Retry-After: " + garbage, answer, Result.RETRY));
    }
    tests.add(after(503, Map.of("Retry-After", "7"), "", Duration.ofSeconds(7)));
    tests.add(after(429, Map.of("Retry-After", "99999999999"), "", Duration.ofDays(1)));
    tests.add(
        after(
            429,
            Map.of(
                "Date", "Sun, 22 Nov 2026 10:00:00 GMT",
                "Retry-After", "Sun, 22 Nov 2026 10:00:09 GMT"),
            "",
            Duration.ofSeconds(9)));
    tests.add(after(429, Map.of(), "{\"retry_after\":2.5}", Duration.ofMillis(2_500)));
    tests.add(fault("200 empty", answer(200, ""), strangeSuccess()));
    tests.add(fault("200 garbage", answer(200, "\u0000\ufffd{{{[\"" + SECRET), strangeSuccess()));
    tests.add(
        fault(
            "200 of a proxy",
            answer(200, Map.of("Content-Type", "text/html"), "<html>log in</html>"),
            strangeSuccess()));
    tests.add(fault("200 deep", answer(200, "[".repeat(60_000)), strangeSuccess()));
    tests.add(fault("200 huge", answer(200, "x".repeat(3_000_000)), strangeSuccess()));
    tests.add(fault("400 endless", HandlerSuite::endless, resultOf(400)));
    tests.add(fault("reset", (socket, request) -> Receiver.reset(socket), Result.RETRY));
    tests.add(fault("end", (socket, request) -> socket.close(), Result.RETRY));
    tests.add(
        fault(
            "reset in the body",
            (socket, request) -> {
              Receiver.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
              Receiver.reset(socket);
            },
            Result.RETRY));
    tests.add(
        fault(
            "no HTTP that echoes",
            (socket, request) -> Receiver.write(socket, "HTTP/1.1 " + SECRET + " x\r\n\r\n"),
            Result.RETRY));
    tests.add(
        fault(
            "no HTTP",
            (socket, request) -> Receiver.write(socket, SECRET + "\r\n\r\n"),
            Result.RETRY));
    return tests.stream();
  }

  @Test
  void deliver_whereNothingListens_isToBeTriedAgain() throws Exception {
    Receiver gone = Receiver.start(accept());
    URI uri = gone.uri();
    gone.close();

    assertThat(deliver(handler(uri, SECRET, LONG), one("x")).result).isEqualTo(Result.RETRY);
  }

  @Test
  void deliver_toUnknownHost_isToBeTriedAgain() {
    AlertHandler handler =
        handler(URI.create("https://agentops.invalid"), SECRET, Duration.ofSeconds(2));

    assertThat(deliver(handler, one("x")).result).isEqualTo(Result.RETRY);
  }

  @Test
  void deliver_toOneThatHangs_ends() {
    try (Receiver receiver = Receiver.start(accept())) {
      receiver.then(
          receiver.hang(""), receiver.hang("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"));
      AlertHandler handler = handler(receiver.uri(), SECRET, SHORT);

      assertThat(deliver(handler, one("x")).result).isEqualTo(Result.RETRY);
      assertThat(deliver(handler, one("x")).result).isEqualTo(Result.RETRY);
    }
  }

  @Test
  void deliver_interrupted_endsAtOnce() throws Exception {
    try (Receiver receiver = Receiver.start(accept())) {
      receiver.always(receiver.hang(""));
      AlertHandler handler = handler(receiver.uri(), SECRET, Duration.ofMinutes(10));
      AtomicReference<Result> result = new AtomicReference<>();
      Thread thread = new Thread(() -> result.set(deliver(handler, one("x")).result));
      thread.start();
      Awaitility.await().until(() -> !receiver.requests().isEmpty());

      thread.interrupt();

      Awaitility.await().untilAsserted(() -> assertThat(result).hasValue(Result.INTERRUPTED));
    }
  }

  @Test
  void deliver_redirected_doesNotFollow() {
    try (Receiver elsewhere = Receiver.start(accept());
        Receiver receiver = Receiver.start(accept())) {
      AlertHandler handler = handler(receiver.uri(), SECRET, LONG);
      for (int status : List.of(301, 302, 303, 307, 308)) {
        receiver.then(answer(status, Map.of("Location", elsewhere.uri() + "/" + SECRET), ""));

        assertThat(deliver(handler, one("x")).result).isEqualTo(Result.PERMANENT);
      }
      assertThat(elsewhere.requests()).isEmpty();
    }
  }

  @Test
  void deliver_oneMegabyte_sendsWhatFits() {
    assertDelivered(one("&\ud83d\ude00\u4e2d".repeat(250_000)));
  }

  @Test
  void deliver_emojiAtTheCut_leavesThemWhole() {
    for (String before : List.of("", "x", "xx", "xxx")) {
      assertDelivered(one(before + "\ud83d\ude00".repeat(6_000)));
    }
  }

  @Test
  void deliver_hostileText_doesNoHarm() {
    Alert alert =
        alert(1, hostile())
            .label("quoted", hostile())
            .annotation("summary", hostile())
            .annotation("runbook_url", "javascript:alert(1)")
            .metadata(hostile(), hostile())
            .metadata("broken", new Broken())
            .build();
    for (Request request : assertDelivered(Notification.of(alert))) {
      assertThat(request.headers()).doesNotContainKey("x-evil");
      assertHarmless(request);
    }
  }

  @Test
  void deliver_resolved_isAccepted() {
    Alert alert =
        alert(1, "x").state(AlertState.RESOLVED).endsAt(NOW.plusSeconds(60)).occurrences(7).build();

    assertDelivered(Notification.of(alert));
  }

  @Test
  void split_keepsEveryAlertOnceAndInOrder() {
    List<Alert> alerts =
        IntStream.range(0, 60)
            .mapToObj(i -> alert(i, i + "-" + "long ".repeat(i * i % 100)).build())
            .toList();
    Notification whole =
        Notification.of(alerts.get(0)).toBuilder().alerts(alerts).truncatedAlerts(3).build();
    List<Notification> parts = handler(URI.create("http://127.0.0.1:1"), SECRET, LONG).split(whole);

    assertThat(parts.stream().flatMap(part -> part.alerts().stream())).isEqualTo(alerts);
    assertThat(parts.stream().mapToLong(Notification::truncatedAlerts).sum()).isEqualTo(3);
    assertThat(parts.get(parts.size() - 1).truncatedAlerts()).isEqualTo(3);
    parts.forEach(this::assertDelivered);
  }

  /** A message that only changes on purpose: what is frozen is a file named like the handler. */
  @Test
  void deliver_sample_isTheFrozenMessage() throws Exception {
    try (Receiver receiver = Receiver.start(accept())) {
      AlertHandler handler = handler(receiver.uri(), SECRET, LONG);
      handler.deliver(sample());
      String body = frozen(receiver.last());
      boolean json = body.startsWith("{") || body.startsWith("[");
      String expected = resource(handler.name() + (json ? ".json" : ".txt"));

      if (json) {
        assertThat(HttpChannel.JSON.readTree(body))
            .as(body)
            .isEqualTo(HttpChannel.JSON.readTree(expected));
      } else {
        assertThat(body).isEqualTo(expected.trim());
      }
    }
  }

  /** The body of a request without what differs each time, such as a signature. */
  String frozen(Request request) {
    return request.body();
  }

  /** The body of a request, which must be JSON. */
  static JsonNode json(Request request) {
    JsonNode json = HttpChannel.parse(request.body());
    assertThat(json.isMissingNode()).as(request.body()).isFalse();
    return json;
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = HandlerSuite.class.getResourceAsStream(name)) {
      return in == null ? "there is no " + name : new String(in.readAllBytes(), UTF_8);
    }
  }

  /** Two alerts with everything an alert can have: one fires, one is resolved. */
  static Notification sample() {
    Alert firing =
        Alert.builder()
            .level(AlertLevel.CRITICAL)
            .name("HighErrorRate")
            .label("service", "agent")
            .label("instance", "a")
            .message("25% of calls failed")
            .annotation("description", "more than 10% for 5 minutes: see <logs> & *traces*")
            .annotation("runbook_url", "https://runbooks.example/errors?a=1&b=2")
            .metadata("error_rate", 0.25)
            .metadata("answer", "Hi @everyone <!channel>")
            .timestamp(NOW)
            .occurrences(12)
            .generatorUrl(URI.create("https://grafana.example/d/1"))
            .build();
    Alert resolved =
        Alert.builder()
            .level(AlertLevel.WARNING)
            .name("HighErrorRate")
            .label("service", "agent")
            .label("instance", "b")
            .message("12% of calls failed")
            .timestamp(NOW)
            .state(AlertState.RESOLVED)
            .endsAt(NOW.plusSeconds(300))
            .build();
    return Notification.builder()
        .groupKey("{}/{}:{alertname=\"HighErrorRate\", service=\"agent\"}")
        .receiver("team")
        .groupLabels(new TreeMap<>(Map.of("alertname", "HighErrorRate", "service", "agent")))
        .alert(firing)
        .alert(resolved)
        .truncatedAlerts(3)
        .timestamp(NOW.plusSeconds(300))
        .externalUrl(URI.create("https://agent.example"))
        .build();
  }

  @Test
  void toString_keepsTheSecret() {
    AlertHandler handler = handler(URI.create("http://127.0.0.1:1"), SECRET, LONG);

    assertNoSecret(handler.toString());
    assertNoSecret(handler.name());
    assertThat(handler.name()).isNotBlank();
    assertThat(handler.timeout()).isGreaterThan(LONG);
  }

  private DynamicTest after(int status, Map<String, String> headers, String body, Duration after) {
    String name = status + " " + headers + " " + body;
    return fault(name, answer(status, headers, body), Result.RETRY, after);
  }

  private DynamicTest fault(String name, Answer answer, Result expected) {
    return fault(name, answer, expected, null);
  }

  private DynamicTest fault(
      String name, Answer answer, Result expected, @Nullable Duration retryAfter) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          try (Receiver receiver = Receiver.start(answer)) {
            Delivered delivered = deliver(handler(receiver.uri(), SECRET, LONG), one("x"));

            assertThat(delivered.result).as(delivered.told).isEqualTo(expected);
            if (retryAfter != null) {
              assertThat(delivered.retryAfter).contains(retryAfter);
            }
          }
        });
  }

  /** An answer that ends only when the client has had enough. */
  private static void endless(Socket socket, Request request) throws IOException {
    Receiver.write(socket, "HTTP/1.1 400 x\r\n\r\n");
    for (String chunk = "x".repeat(8_192); true; ) {
      Receiver.write(socket, chunk);
    }
  }

  /** An answer that quotes all of the request, as some servers do to be helpful. */
  private static Answer echo(int status) {
    return (socket, request) ->
        answer(status, request.path() + " " + request.headers() + " " + request.body())
            .give(socket, request);
  }

  private List<Request> assertDelivered(Notification notification) {
    try (Receiver receiver = Receiver.start(accept())) {
      Delivered delivered = deliver(handler(receiver.uri(), SECRET, LONG), notification);

      assertThat(delivered.result).as(delivered.told).isEqualTo(Result.DELIVERED);
      StringBuilder all = new StringBuilder();
      for (Request request : receiver.requests()) {
        assertAllowed(request);
        all.append(request.body());
      }
      if (showsFingerprints()) {
        assertThat(notification.alerts())
            .allSatisfy(alert -> assertThat(all).contains(alert.fingerprint()));
      }
      return receiver.requests();
    }
  }

  private static Delivered deliver(AlertHandler handler, Notification notification) {
    try {
      handler.deliver(notification);
      return new Delivered(Result.DELIVERED, Optional.empty(), "");
    } catch (DeliveryException e) {
      Result result =
          switch (e.outcome()) {
            case RETRY -> Result.RETRY;
            case PERMANENT -> Result.PERMANENT;
            case REJECTED_BY_POLICY -> Result.REJECTED;
          };
      return new Delivered(result, e.retryAfter(), told(e));
    } catch (InterruptedException e) {
      return new Delivered(Result.INTERRUPTED, Optional.empty(), told(e));
    } catch (Exception e) {
      throw new AssertionError("neither delivered nor said why not", e);
    }
  }

  private static String told(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    assertNoSecret(text.toString());
    return text.toString();
  }

  /** Neither this nor what caused it tells the secret. */
  static void assertQuiet(Throwable failure) {
    told(failure);
  }

  /** No eight letters of it in a row. */
  static void assertNoSecret(String text) {
    for (int i = 0; i + 8 <= SECRET.length(); i++) {
      if (text.contains(SECRET.substring(i, i + 8))) {
        throw new AssertionError("tells the secret: " + text);
      }
    }
  }

  static Notification one(String message) {
    return Notification.of(alert(1, message).build());
  }

  static Alert.Builder alert(int number, String message) {
    return Alert.builder()
        .level(AlertLevel.ERROR)
        .name("HighErrorRate")
        .label("instance", "i" + number)
        .message(message)
        .timestamp(NOW);
  }

  private record Delivered(Result result, Optional<Duration> retryAfter, String told) {}

  /** Something that cannot be read. */
  private static final class Broken {
    @Override
    public String toString() {
      throw new IllegalStateException("broken");
    }
  }
}
