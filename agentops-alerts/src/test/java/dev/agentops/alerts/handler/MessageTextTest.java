package dev.agentops.alerts.handler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.alerts.Alert;
import dev.agentops.alerts.Notification;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MessageTextTest {

  @ParameterizedTest
  @EnumSource(TextUnit.class)
  void cut_randomTexts_fitAndStayWhole(TextUnit unit) {
    Random random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      String text = randomText(random, random.nextInt(80));
      int limit = 16 + random.nextInt(60);
      String cut = unit.cut(text, limit);

      assertThat(unit.of(cut)).isLessThanOrEqualTo(limit);
      assertThat(PlainText.wellFormed(cut)).isEqualTo(cut);
      if (unit.of(text) <= limit) {
        assertThat(cut).isEqualTo(text);
      } else {
        String kept = cut.substring(0, cut.lastIndexOf("… (+"));
        int more = text.codePointCount(kept.length(), text.length());
        assertThat(text).startsWith(kept);
        assertThat(cut).endsWith("… (+" + more + " more)");
      }
    }
  }

  @Test
  void template_isUsedAndEscaped() throws Exception {
    assertThat(sent(n -> "Two of <us>", n -> "see\n<!channel> " + n.alerts().get(0).message()))
        .contains("*Two of &lt;us&gt;*")
        .contains("see\\n&lt;!channel&gt; x");
  }

  @Test
  void template_thatFails_costsNoMessage() throws Exception {
    Function<Notification, String> broken =
        n -> {
          throw new AssertionError("broken");
        };

    assertThat(sent(broken, broken)).contains("[FIRING:1] HighErrorRate", "instance: i1");
    assertThat(sent(n -> null, n -> null)).contains("[FIRING:1] HighErrorRate", "instance: i1");
  }

  @Test
  void template_thatIsTooLong_isCut() throws Exception {
    assertThat(sent(n -> "t".repeat(1_000_000), n -> "x".repeat(1_000_000)).length())
        .isLessThan(10_000);
  }

  @Test
  void title_ofManyNames_tellsThree() {
    List<Alert> alerts =
        IntStream.range(0, 5)
            .mapToObj(i -> HandlerSuite.alert(i, "x").name("Name" + i).build())
            .toList();

    assertThat(MessageText.title(Notification.of(alerts.get(0)).toBuilder().alerts(alerts).build()))
        .isEqualTo("[FIRING:5] Name0, Name1, Name2 … (+2 more)");
  }

  private static String sent(
      Function<Notification, String> title, Function<Notification, String> text) throws Exception {
    try (Receiver receiver = Receiver.start(Receiver.answer(200, "ok"))) {
      SlackAlertHandler.builder()
          .webhookUrl(receiver.uri() + "/services/x")
          .title(title)
          .text(text)
          .build()
          .deliver(HandlerSuite.one("x"));
      return receiver.last().body();
    }
  }

  private static String randomText(Random random, int length) {
    int[] alphabet = {'a', '&', 0xe9, 0x4e2d, 0x1f600};
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
    }
    return text.toString();
  }
}
