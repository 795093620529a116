package dev.agentops.tracing.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.AgentOps;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.WithoutJars;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

class WithoutHttpClientTest {

  @Test
  void agents_areTraced_withoutTheHttpClient() throws Exception {
    assertThat(
            WithoutJars.call(TracesAnAgent.class, "langchain4j-http-client", "langchain4j-open-ai"))
        .isEqualTo("hi, 2 spans");
  }

  interface Assistant {
    String chat(String message);
  }

  /** One turn of an AI service. */
  public static final class TracesAnAgent implements Callable<String> {

    @Override
    public String call() {
      try (Tracer tracer = Tracer.create()) {
        String answer =
            AgentOps.with(TracingInterceptor.of(tracer))
                .build()
                .aiServices(Assistant.class)
                .chatModel(FakeChatModel.saying("hi"))
                .build()
                .chat("hello");
        return answer + ", " + tracer.spans().size() + " spans";
      }
    }
  }
}
