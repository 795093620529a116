package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.AgentOps;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.WithoutJars;
import dev.agentops.tracing.agentic.AgenticTracing;
import dev.agentops.tracing.mcp.McpTracing;
import dev.langchain4j.service.AiServices;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

class OptionalJarsTest {

  @Test
  void tracing_withoutAgenticAndMcp_works() throws Exception {
    Object seen = WithoutJars.call(UsesTracing.class, "langchain4j-agentic", "langchain4j-mcp");

    assertThat(seen).isEqualTo("hi, 2 spans");
  }

  @Test
  void withoutJars_leavesThemOutIndeed() {
    assertThatThrownBy(() -> WithoutJars.call(UsesAgentic.class, "langchain4j-agentic"))
        .isInstanceOf(NoClassDefFoundError.class);
    assertThatThrownBy(() -> WithoutJars.call(UsesMcp.class, "langchain4j-mcp"))
        .isInstanceOf(NoClassDefFoundError.class);
  }

  interface Assistant {
    String chat(String message);
  }

  /** A traced turn of an AI service, with the registrar's classes loaded. */
  public static final class UsesTracing implements Callable<String> {

    @Override
    public String call() {
      try (Tracer tracer = Tracer.create()) {
        TracingAiServiceRegistrar.install(tracer);
        new TracingAiServiceRegistrar().get();
        AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
        Assistant assistant =
            AiServices.create(Assistant.class, ops.wrap(FakeChatModel.saying("hi")));
        String answer = tracer.trace("support", "invoke_agent", turn -> assistant.chat("hello"));
        return answer + ", " + tracer.spans().size() + " spans";
      }
    }
  }

  /** Needs the agentic jar. */
  public static final class UsesAgentic implements Callable<String> {

    @Override
    public String call() {
      return AgenticTracing.of(Tracer.create()).toString();
    }
  }

  /** Needs the MCP jar. */
  public static final class UsesMcp implements Callable<String> {

    @Override
    public String call() {
      return McpTracing.of(Tracer.create()).toString();
    }
  }
}
