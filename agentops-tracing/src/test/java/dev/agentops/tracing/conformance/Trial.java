package dev.agentops.tracing.conformance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;

/** Executes plans on a subject and tells what is wrong with the spans that come of it. */
final class Trial {

  /** Plans that share a subject; it keeps their spans until they are compared. */
  private static final int BATCH = 500;

  /** Threads that execute plans; each plan uses more for its hand-overs. */
  private static final int THREADS = 8;

  private static final int MOST_PLANS_REPORTED = 3;
  private static final Duration LONG_SILENCE = Duration.ofMinutes(10);
  private static final long SECONDS_TO_CUT_OFF = 10;

  private Trial() {}

  /** The root of a plan. */
  interface Script extends Function<Plan, Step> {}

  /**
   * What came of plans.
   *
   * @param spans how many were to be recorded
   * @param report what a reader needs to find the cause; empty where nothing is wrong
   */
  record Result(int spans, List<Problem> problems, String report) {}

  /** One plan alone. */
  static Result of(Subject subject, Script script) {
    return of(subject, script, SECONDS_TO_CUT_OFF);
  }

  /** As above, for a subject of which it is known that it does not cut off silent streams. */
  static Result of(Subject subject, Script script, long secondsToCutOff) {
    Plan plan = new Plan("plan", subject);
    return execute(subject, List.of(plan.root(script.apply(plan))), secondsToCutOff);
  }

  /** Plans of consecutive seeds, many at a time, until a batch has problems. */
  static Result madeUp(Supplier<Subject> subjects, long seed, int runs) {
    int spans = 0;
    for (int done = 0; done < runs; done += BATCH) {
      try (Subject subject = subjects.get()) {
        List<Plan> plans = new ArrayList<>();
        for (int i = done; i < Math.min(runs, done + BATCH); i++) {
          plans.add(Planner.plan(seed + i, subject));
        }
        Result result = execute(subject, plans, SECONDS_TO_CUT_OFF);
        spans += result.spans();
        if (!result.problems().isEmpty()) {
          return result;
        }
      }
    }
    return new Result(spans, List.of(), "");
  }

  private static Result execute(Subject subject, List<Plan> plans, long secondsToCutOff) {
    Stage stage = new Stage(subject);
    ExecutorService threads = Executors.newFixedThreadPool(Math.min(THREADS, plans.size()));
    try {
      List<Future<?>> running = new ArrayList<>();
      for (Plan plan : plans) {
        running.add(threads.submit(() -> plan.run(stage)));
      }
      for (int i = 0; i < plans.size(); i++) {
        plans.get(i).await(running.get(i));
      }
    } finally {
      threads.shutdown();
    }
    cutOffStalls(subject, plans, secondsToCutOff);
    subject.reap();
    Duration tolerance = subject.advance(Duration.ZERO) ? Duration.ZERO : Duration.ofSeconds(1);
    Verdict verdict = new Verdict(plans, subject.spans(), tolerance);
    List<Problem> problems = verdict.problems();
    return new Result(
        verdict.expectedSpans(),
        problems,
        problems.isEmpty() ? "" : verdict.report(MOST_PLANS_REPORTED));
  }

  private static void cutOffStalls(Subject subject, List<Plan> plans, long seconds) {
    List<Plan> stalled = plans.stream().filter(Plan::hasStalls).toList();
    if (!stalled.isEmpty() && subject.advance(LONG_SILENCE)) {
      long patience = seconds;
      for (Plan plan : stalled) {
        patience = plan.awaitStalls(patience) ? patience : 0; // one is lost: do not wait for each
      }
    }
  }
}
