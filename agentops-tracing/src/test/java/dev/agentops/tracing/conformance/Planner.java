package dev.agentops.tracing.conformance;

import dev.agentops.tracing.conformance.Subject.Feature;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes up a small plan from a seed: the same seed gives the same plan. */
final class Planner {

  private static final int MOST_STEPS = 12;
  private static final int DEEPEST = 4;
  private static final double FAULTY = 0.35;

  private final Plan plan;
  private final Subject subject;
  private final Random random;
  private int left;

  private Planner(Plan plan, Subject subject, long seed) {
    this.plan = plan;
    this.subject = subject;
    this.random = new Random(seed);
    this.left = 2 + random.nextInt(MOST_STEPS - 1);
  }

  static Plan plan(long seed, Subject subject) {
    Plan plan = new Plan("seed" + seed, subject);
    return plan.root(new Planner(plan, subject, seed).root());
  }

  private Step root() {
    return random.nextInt(5) > 0 ? turn(0) : step(0);
  }

  private Step step(int depth) {
    left--;
    int kind = random.nextInt(100);
    if (kind < 20 && subject.supports(Feature.STREAMING)) {
      return stream(depth);
    }
    if (kind < 34 && subject.supports(Feature.TOOLS)) {
      return tool(depth, true);
    }
    if (kind < 42 && subject.supports(Feature.EMBEDDINGS)) {
      return new EmbeddingStep(plan, Body.empty(), fault(Fault.EXCEPTION, Fault.ERROR));
    }
    if (kind < 56) {
      return turn(depth);
    }
    if (kind < 64 && subject.supports(Feature.AI_SERVICES)) {
      return service();
    }
    if (kind < 72 && subject.supports(Feature.AI_SERVICES) && subject.supports(Feature.STREAMING)) {
      return streamingService();
    }
    Body body = random.nextInt(4) == 0 ? body(depth) : Body.empty();
    return new ChatStep(
        plan, body, faultOver(body, Fault.EXCEPTION, Fault.ERROR, Fault.LISTENER_THROWS));
  }

  private Step turn(int depth) {
    Body body = body(depth);
    return new TurnStep(plan, body, faultOver(body, Fault.EXCEPTION, Fault.ERROR));
  }

  private ToolStep tool(int depth, boolean mayThrowError) {
    if (subject.supports(Feature.RETRIEVAL) && random.nextInt(4) == 0) {
      Step retrieval = new RetrievalStep(plan, Body.empty(), fault(Fault.EXCEPTION, Fault.ERROR));
      return new ToolStep(plan, Body.of(retrieval), Fault.NONE);
    }
    Body body = random.nextInt(3) == 0 ? body(depth) : Body.empty();
    if (!mayThrowError) {
      return new ToolStep(plan, body, fault(Fault.EXCEPTION, Fault.ERROR_RESULT));
    }
    return new ToolStep(
        plan, body, faultOver(body, Fault.EXCEPTION, Fault.ERROR, Fault.ERROR_RESULT));
  }

  private Step stream(int depth) {
    Body inModel = random.nextInt(5) == 0 ? body(depth) : Body.empty();
    Body inCallback = Body.empty();
    boolean ownThread = random.nextInt(3) > 0;
    Fault fault =
        faultOver(
            inModel,
            Fault.LISTENER_THROWS,
            Fault.REFUSED,
            Fault.REFUSED_WITH_ERROR,
            Fault.FAILS_AT_ONCE,
            Fault.FAILS_MIDWAY,
            Fault.CANCELLED,
            Fault.CALLBACK_THROWS,
            Fault.COMPLETION_THROWS,
            Fault.ERROR_CALLBACK_THROWS,
            Fault.STALLS,
            Fault.CALLBACK_KILLS);
    if (fault.silencesStream() && !subject.supports(Feature.STALLED_STREAMS)) {
      fault = Fault.NONE;
    }
    boolean heard =
        fault.thrown() == null && inModel.thrown() == null && fault != Fault.FAILS_AT_ONCE;
    if (heard && random.nextInt(3) == 0) {
      inCallback = caughtBody(depth);
    }
    return new StreamStep(
        plan,
        inModel,
        inCallback,
        fault,
        ownThread || fault == Fault.CALLBACK_KILLS,
        random.nextInt(4) > 0);
  }

  private Step service() {
    boolean concurrent = random.nextBoolean();
    Fault fault = fault(Fault.EXCEPTION, Fault.ERROR, Fault.LISTENER_THROWS);
    List<List<ToolStep>> rounds = rounds();
    if (!concurrent && !rounds.isEmpty() && random.nextInt(6) == 0) {
      // the last thing that happens in this call
      List<ToolStep> last = rounds.get(rounds.size() - 1);
      last.add(new ToolStep(plan, Body.empty(), Fault.ERROR));
      fault = Fault.NONE;
    }
    return new SyncServiceStep(plan, rounds, concurrent, fault);
  }

  private Step streamingService() {
    List<List<ToolStep>> rounds = rounds();
    Fault fault =
        fault(
            Fault.LISTENER_THROWS,
            rounds.isEmpty() ? Fault.REFUSED : Fault.REFUSED_LATER,
            Fault.FAILS_AT_ONCE,
            Fault.FAILS_MIDWAY,
            Fault.FAILS_IGNORED,
            Fault.CANCELLED,
            Fault.CALLBACK_THROWS,
            Fault.COMPLETION_THROWS,
            Fault.ERROR_CALLBACK_THROWS,
            Fault.UNSTARTED);
    return new StreamingServiceStep(
        plan, rounds, random.nextBoolean(), fault, random.nextInt(3) > 0);
  }

  private List<List<ToolStep>> rounds() {
    List<List<ToolStep>> rounds = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      List<ToolStep> round = new ArrayList<>();
      for (int tools = 1 + random.nextInt(3); tools > 0; tools--) {
        left--;
        round.add(tool(DEEPEST, false));
      }
      rounds.add(round);
    }
    return rounds;
  }

  private Body body(int depth) {
    Body body = caughtBody(depth);
    return body.canRethrow() && random.nextBoolean() ? body.rethrowing() : body;
  }

  private Body caughtBody(int depth) {
    Body body = Body.empty();
    if (depth < DEEPEST) {
      for (int steps = 1 + random.nextInt(3); steps > 0 && left > 0; steps--) {
        body.then(step(depth + 1), carrier());
      }
    }
    return body;
  }

  private Carrier carrier() {
    if (random.nextBoolean()) {
      return Carrier.INLINE;
    }
    Carrier carrier = Carrier.values()[random.nextInt(Carrier.values().length)];
    return carrier == Carrier.REACTOR && !subject.supports(Feature.REACTOR)
        ? Carrier.POOL
        : carrier;
  }

  private Fault faultOver(Body body, Fault... faults) {
    return body.thrown() != null ? Fault.NONE : fault(faults);
  }

  private Fault fault(Fault... faults) {
    return random.nextDouble() < FAULTY ? faults[random.nextInt(faults.length)] : Fault.NONE;
  }
}
