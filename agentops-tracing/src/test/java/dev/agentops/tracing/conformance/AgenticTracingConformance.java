package dev.agentops.tracing.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.tracing.conformance.AgenticStep.Shape;
import dev.langchain4j.agentic.Agent;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a tracer of langchain4j-agentic has to do right: every workflow and every agent gets one
 * span, under what invoked it, on whatever thread; and models are called in the span of their
 * agent. To be extended with the {@link AgenticSubject}.
 */
public abstract class AgenticTracingConformance {

  /** An agent of the scenarios; public because langchain4j-agentic asks for that. */
  public interface Worker {
    @Agent
    @UserMessage("work on {{task}}")
    String work(@V("task") String task);
  }

  /** A new subject, which the kit closes. */
  protected abstract AgenticSubject newSubject();

  @ParameterizedTest
  @EnumSource
  void workflow(Shape shape) {
    verify(plan -> new AgenticStep(plan, shape, Fault.NONE));
  }

  @ParameterizedTest
  @CsvSource({
    "SEQUENCE, EXCEPTION",
    "SEQUENCE, ERROR",
    "PARALLEL, EXCEPTION",
    "PARALLEL, ERROR",
    "NESTED, EXCEPTION"
  })
  void agentThatFails(Shape shape, Fault fault) {
    verify(plan -> new AgenticStep(plan, shape, fault));
  }

  @ParameterizedTest
  @EnumSource
  void workflowsAtOnceInOneTurn(Shape shape) {
    verify(
        plan -> {
          Body body = Body.empty();
          for (int i = 0; i < 4; i++) {
            Body alone = Body.of(new AgenticStep(plan, shape, Fault.NONE));
            body.then(new TurnStep(plan, alone, Fault.NONE), Carrier.PARALLEL);
          }
          body.then(new ChatStep(plan, Body.empty(), Fault.NONE), Carrier.INLINE);
          return new TurnStep(plan, body, Fault.NONE);
        });
  }

  @Test
  void workflowAfterOneThatFailed() {
    verify(
        plan ->
            new TurnStep(
                plan,
                Body.of(
                    new TurnStep(
                        plan,
                        Body.of(new AgenticStep(plan, Shape.PARALLEL, Fault.EXCEPTION)),
                        Fault.NONE),
                    new TurnStep(
                        plan,
                        Body.of(new AgenticStep(plan, Shape.SEQUENCE, Fault.NONE)),
                        Fault.NONE)),
                Fault.NONE));
  }

  private void verify(Trial.Script script) {
    Trial.Result result;
    try (AgenticSubject subject = newSubject()) {
      result = Trial.of(subject, script);
    }
    assertThat(result.problems()).as(result::report).isEmpty();
  }
}
