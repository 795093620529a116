package dev.agentops;

import dev.langchain4j.guardrail.GuardrailException;
import dev.langchain4j.guardrail.GuardrailResult;
import dev.langchain4j.guardrail.InputGuardrailException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A guardrail that threw, of which LangChain4j announces nothing but the end of the agent. */
final class ThrowingGuardrail {

  private static final String PACKAGE = "dev.langchain4j.guardrail.";

  private ThrowingGuardrail() {}

  /** Tells of the guardrail that ended the run; not where the run ended otherwise. */
  static void tell(AgentOps ops, AgentCall run, @Nullable Throwable end) {
    // an unsatisfied guardrail was announced, and its exception has a text of its own
    Throwable thrown = end instanceof GuardrailException ? end.getCause() : null;
    if (end != null && thrown != null && Objects.equals(end.getMessage(), thrown.getMessage())) {
      GuardrailCall.Type type =
          end instanceof InputGuardrailException
              ? GuardrailCall.Type.INPUT
              : GuardrailCall.Type.OUTPUT;
      GuardrailCall call =
          new GuardrailCall(ops, run.context(), nameOf(thrown, type), type, Duration.ZERO);
      ops.chains().guardrails().enter(call); // nobody can answer or refuse any more
      Outcome<GuardrailResult<?>> outcome = Outcome.failed(thrown);
      ops.chains().guardrails().finish(call, outcome);
    }
  }

  /** The simple name of the class that LangChain4j called when it threw. */
  private static String nameOf(Throwable thrown, GuardrailCall.Type type) {
    String called = null;
    for (StackTraceElement frame : thrown.getStackTrace()) {
      String name = frame.getClassName();
      if (!name.startsWith(PACKAGE)) {
        called = name;
      } else if (name.startsWith(PACKAGE + "Abstract")) {
        break;
      }
    }
    return called == null
        ? type.name().toLowerCase(Locale.ROOT) + " guardrail"
        : called.substring(Math.max(called.lastIndexOf('.'), called.lastIndexOf('$')) + 1);
  }
}
