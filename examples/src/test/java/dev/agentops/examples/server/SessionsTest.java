package dev.agentops.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import org.junit.jupiter.api.Test;

class SessionsTest {

  private final Sessions sessions = new Sessions(3, 1_000);

  @Test
  void turn_thatIsKept_isRemembered() {
    say("a", "one");

    assertThat(remembered("a")).contains("one");
  }

  @Test
  void turn_thatIsNotKept_changesNothing() {
    say("a", "one");
    try (Sessions.Hold hold = sessions.begin(id("a")).orElseThrow()) {
      hold.memory().add(UserMessage.from("two"));
    }

    assertThat(remembered("a")).contains("one").doesNotContain("two");
  }

  @Test
  void lateMessages_ofAnAbandonedTurn_areNotRemembered() {
    Sessions.Hold hold = sessions.begin(id("a")).orElseThrow();
    hold.close();
    hold.memory().add(UserMessage.from("late"));

    assertThat(remembered("a")).isEqualTo("[]");
  }

  @Test
  void session_takesOneTurnAtATime() {
    Sessions.Hold first = sessions.begin(id("a")).orElseThrow();

    assertThat(sessions.begin(id("a"))).isEmpty();
    assertThat(sessions.begin(id("b"))).isPresent();
    first.close();
    assertThat(sessions.begin(id("a"))).isPresent();
  }

  @Test
  void tooManySessions_forgetTheQuietest() {
    say("a", "one");
    say("b", "two");
    say("c", "three");
    say("a", "again");
    say("d", "four");

    assertThat(sessions.size()).isEqualTo(3);
    assertThat(remembered("a")).contains("one", "again");
    assertThat(remembered("b")).isEqualTo("[]");
  }

  @Test
  void tooManyCharacters_forgetTheQuietest() {
    say("a", "x".repeat(600));
    say("b", "y".repeat(600));

    assertThat(sessions.size()).isEqualTo(1);
    assertThat(remembered("b")).contains("yyy");
  }

  @Test
  void busySession_isNotForgotten() {
    Sessions.Hold hold = sessions.begin(id("a")).orElseThrow();
    say("b", "one");
    say("c", "two");
    say("d", "three");
    hold.memory().add(UserMessage.from("survives"));
    hold.keep();
    hold.close();

    assertThat(remembered("a")).contains("survives");
  }

  @Test
  void longConversation_keepsItsLastMessages() {
    for (int i = 0; i < 30; i++) {
      say("a", "message-" + i + ".");
    }

    assertThat(remembered("a")).contains("message-29.").doesNotContain("message-5.");
  }

  private void say(String session, String text) {
    try (Sessions.Hold hold = sessions.begin(id(session)).orElseThrow()) {
      hold.memory().add(UserMessage.from(text));
      hold.memory().add(AiMessage.from("ok"));
      hold.keep();
    }
  }

  private String remembered(String session) {
    try (Sessions.Hold hold = sessions.begin(id(session)).orElseThrow()) {
      return hold.memory().messages().toString();
    }
  }

  private static Sessions.Id id(String session) {
    return new Sessions.Id("user", session);
  }
}
