package dev.agentops.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.AgentOps;
import dev.langchain4j.service.tool.ToolExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What counts as the same tool calls again. */
class RepeatedToolCallsTest {

  private static final int LONGEST_CYCLE = 5;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void randomCalls_stopWhereABruteForceSearchSeesTheCycle(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 150; round++) {
      int most = 1 + random.nextInt(4);
      List<Integer> calls = randomCalls(random);

      int stopped = stoppedAt(RunLimits.builder().maxRepeatedCycles(most).build(), calls);

      assertThat(stopped).as("%s with %s", calls, most).isEqualTo(firstPast(calls, most));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"a\":1,\"b\":[1,2]}', '{ \"b\" : [1, 2], \"a\" : 1 }', true",
    "'{\"a\":{\"x\":1,\"y\":2}}', '{\"a\":{\"y\":2,\"x\":1}}', true",
    "'{}', '', true",
    "'not json', ' not json ', true",
    "'{\"a\":1}', '{\"a\":2}', false",
    "'{\"a\":[1,2]}', '{\"a\":[2,1]}', false",
    "'{\"a\":\"1\"}', '{\"a\":1}', false",
    "'{\"a\":1', '{\"a\":1}', false"
  })
  void arguments_ofTheSameMeaning_areTheSame(String one, String other, boolean same) {
    RunGuard guard =
        RunGuard.builder().limits(RunLimits.builder().maxIdenticalToolCalls(1).build()).build();
    ToolExecutor tool = tool(guard);
    boolean stopped = false;
    try (Run run = guard.run("agent")) {
      tool.execute(Agents.request("search", one), "");
      tool.execute(Agents.request("search", other), "");
    } catch (RunLimitExceededException e) {
      stopped = true;
    }

    assertThat(stopped).isEqualTo(same);
  }

  @Test
  void otherTool_withTheSameArguments_isAnotherCall() {
    RunGuard guard =
        RunGuard.builder().limits(RunLimits.builder().maxIdenticalToolCalls(1).build()).build();
    ToolExecutor tool = tool(guard);
    try (Run run = guard.run("agent")) {
      tool.execute(Agents.request("search", "{}"), "");
      tool.execute(Agents.request("open", "{}"), "");
      tool.execute(Agents.request("search", "{}"), "");
      assertThat(run.spent().toolCalls()).isEqualTo(3);
    }
  }

  /** Pieces of cycles and noise. */
  private static List<Integer> randomCalls(Random random) {
    List<Integer> calls = new ArrayList<>();
    while (calls.size() < 40) {
      int length = 1 + random.nextInt(7);
      List<Integer> cycle = random.ints(length, 0, 4).boxed().toList();
      for (int times = 1 + random.nextInt(5); times > 0; times--) {
        calls.addAll(cycle);
      }
    }
    return calls;
  }

  private static int stoppedAt(RunLimits limits, List<Integer> calls) {
    RunGuard guard = RunGuard.builder().limits(limits).build();
    ToolExecutor tool = tool(guard);
    try (Run run = guard.run("agent")) {
      for (int i = 0; i < calls.size(); i++) {
        try {
          tool.execute(Agents.request("search", "{\"n\":" + calls.get(i) + "}"), "");
        } catch (RunLimitExceededException e) {
          return i;
        }
      }
    }
    return -1;
  }

  /** The first call with which the calls so far end in more than so many equal blocks. */
  private static int firstPast(List<Integer> calls, int most) {
    for (int end = 1; end <= calls.size(); end++) {
      for (int length = 1; length <= LONGEST_CYCLE; length++) {
        int blocks = 1;
        while ((blocks + 1) * length <= end
            && calls
                .subList(end - (blocks + 1) * length, end - blocks * length)
                .equals(calls.subList(end - length, end))) {
          blocks++;
        }
        if (blocks > most) {
          return end - 1;
        }
      }
    }
    return -1;
  }

  private static ToolExecutor tool(RunGuard guard) {
    return AgentOps.with(GuardInterceptor.of(guard)).build().wrap((request, memory) -> "found");
  }
}
