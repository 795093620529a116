package dev.agentops.tracing.conformance;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.service.tool.ToolExecutionResult;
import dev.langchain4j.service.tool.ToolExecutor;

/** A tool: run by hand, or by an AI service whose model asks for it. */
final class ToolStep extends Step {

  ToolStep(Plan plan, Body body, Fault fault) {
    super(plan, body, fault);
  }

  @Override
  void expect(Expected parent, Carrier carrier) {
    expect(parent, "execute_tool", carrier);
    if (fault == Fault.ERROR_RESULT) {
      own.ends(RecordedSpan.Status.ERROR, Expected.ANY);
    }
  }

  @Override
  void perform(Stage stage) {
    stage.tool().executeWithContext(request(), InvocationContext.builder().build());
  }

  ToolExecutionRequest request() {
    return ToolExecutionRequest.builder().id("call-" + id).name(id).arguments("{}").build();
  }

  ToolSpecification specification() {
    return ToolSpecification.builder()
        .name(id)
        .description("a tool")
        .parameters(JsonObjectSchema.builder().build())
        .build();
  }

  /** A tool that does as the step says whose id is its name. */
  record Executor(Stage stage) implements ToolExecutor {

    @Override
    public String execute(ToolExecutionRequest request, Object memoryId) {
      stage.find(request.name(), ToolStep.class).work(stage);
      return "done";
    }

    @Override
    public ToolExecutionResult executeWithContext(
        ToolExecutionRequest request, InvocationContext context) {
      ToolStep step = stage.find(request.name(), ToolStep.class);
      step.work(stage);
      return ToolExecutionResult.builder()
          .isError(step.fault == Fault.ERROR_RESULT)
          .resultText("done")
          .build();
    }
  }
}
