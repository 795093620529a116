package dev.agentops.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** Runs each example as a reader would, and looks at what it prints. */
@Timeout(120)
@ResourceLock(Resources.SYSTEM_OUT)
class ExamplesTest {

  @Test
  void traceAnAgent_printsTheTree() throws Exception {
    assertThat(printed(() -> TraceAnAgent.main(new String[0])).lines())
        .anyMatch(line -> line.startsWith("  invoke_agent Assistant"))
        .anyMatch(line -> line.startsWith("    chat gpt-4o-mini") && line.contains("$0.0"))
        .anyMatch(line -> line.startsWith("    execute_tool weather"))
        .anyMatch(line -> line.startsWith("cost of the turn: $0.0"));
  }

  @Test
  void capSpending_refusesTheTeamThatHasSpentItsBudget() throws Exception {
    String output = printed(() -> CapSpending.main(new String[0]));

    assertThat(output)
        .contains("search is refused until")
        .contains("BudgetEvent{WARNING team-daily");
    assertThat(output.lines()).anyMatch(line -> line.startsWith("support has spent $0.0"));
  }

  @Test
  void surviveAnOutage_answersEveryQuestionAndReturnsToTheFirstModel() throws Exception {
    String output = printed(() -> SurviveAnOutage.main(new String[0]));

    assertThat(output.lines().filter(line -> line.startsWith("question")))
        .containsExactly(
            "question 1 was answered by gpt-4o-mini",
            "question 2 was answered by gpt-4o-mini",
            "question 3 was answered by gpt-4o-mini",
            "question 4 was answered by gpt-4o");
    assertThat(output)
        .contains("RETRY openai/gpt-4o, overloaded, attempt 2")
        .contains("CIRCUIT_OPEN openai/gpt-4o")
        .contains("FALLBACK openai/gpt-4o -> openai/gpt-4o-mini, refused")
        .contains("CIRCUIT_CLOSED openai/gpt-4o");
  }

  @Test
  void stopARunaway_isStoppedByEachLimit() throws Exception {
    assertThat(printed(() -> StopARunaway.main(new String[0])))
        .contains("WARNED: 'search' with the same arguments 8 times in a row")
        .contains("maxIdenticalToolCalls allows 10; spent 11 model calls, 4345 tokens")
        .contains("refused: maxCost allows $0.01; spent 10 model calls")
        .contains("killed by the switch of agent 'Researcher'");
  }

  @Test
  void boundARun_eachLimitStopsIt_answeringAndStreaming() throws Exception {
    assertThat(printed(() -> BoundARun.main(new String[0])).lines())
        .hasSize(18)
        .noneMatch(line -> line.contains("not at all"))
        .contains(
            "answering: maxModelCalls(5) after 5 model calls",
            "streaming: maxModelCalls(5) after 5 model calls",
            "streaming: maxCost($0.005) after 7 model calls",
            "streaming: maxStalledAnswers(5) after 7 model calls",
            "answering: maxDepth(2) after 0 model calls")
        .anyMatch(line -> line.startsWith("streaming: maxDuration(PT0.3S) after "));
  }

  @Test
  void reportCosts_showsTheMonthAndWhatItWillBe() throws Exception {
    assertThat(printed(() -> ReportCosts.main(new String[0])))
        .contains("Cost 2026-11-01 to 2026-11-30")
        .contains("claude-sonnet-4-5")
        .contains("without a price")
        .contains("forecast");
  }

  @Test
  void cacheAnswers_hitsForTheSameUserOnly() throws Exception {
    assertThat(printed(() -> CacheAnswers.main(new String[0])).lines())
        .containsExactly(
            "alice asked; the model was asked 1 times, 0 hits",
            "alice asked; the model was asked 1 times, 1 hits",
            "bob asked; the model was asked 2 times, 1 hits");
  }

  @Test
  void answerByMeaning_tellsWhatMeansTheSame() throws Exception {
    assertThat(printed(() -> AnswerByMeaning.main(new String[0])).lines())
        .containsExactly(
            "how can i turn on two-factor authentication -> Under Settings, Security.",
            "How do I disable two-factor authentication? -> (ask the model)",
            "Hi! Could you please tell me your fax number? Thanks! -> 030 1234567",
            "What is your phone number? -> (ask the model)");
  }

  @Test
  void limitCallers_showsEachWayToAsk() throws Exception {
    assertThat(printed(() -> LimitCallers.main(new String[0])))
        .contains("alice's request 2 passes")
        .contains("alice's request 3 is refused")
        .contains("bob's next 2,000 tokens fit: false")
        .contains("and after settling: true")
        .contains("another may: false");
  }

  @Test
  void runABatch_asksAgainWhatFailed() throws Exception {
    assertThat(printed(() -> RunABatch.main(new String[0])).lines())
        .hasSize(8)
        .startsWith("4 of 5 succeeded")
        .anyMatch(line -> line.startsWith("failed: Count to "))
        .anyMatch(line -> line.startsWith("Count to 3: ") && line.contains("1 2 3"))
        .anyMatch(line -> line.startsWith("all for $0.0"));
  }

  @Test
  void alertOnTrouble_tellsOnce() throws Exception {
    assertThat(
            printed(() -> AlertOnTrouble.main(new String[0]))
                .lines()
                .filter(line -> line.startsWith("ERROR: ")))
        .hasSize(1);
  }

  private static String printed(Example example) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream capturing = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setOut(capturing);
      example.run();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private interface Example {
    void run() throws Exception;
  }
}
