package dev.agentops.tracing.agentic;

import dev.langchain4j.agent.tool.ToolExecutionRequest;

/** What a fake model asks for. */
final class ToolRequests {

  private ToolRequests() {}

  static ToolExecutionRequest of(String tool, String arguments) {
    return ToolExecutionRequest.builder().id("call-1").name(tool).arguments(arguments).build();
  }
}
