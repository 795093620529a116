package dev.agentops.examples.server;

import dev.agentops.AgentOps;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.agent.tool.ToolSpecifications;
import dev.langchain4j.service.tool.DefaultToolExecutor;
import dev.langchain4j.service.tool.ToolExecutor;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.Map;

/** Puts {@link Tool} methods behind an {@link AgentOps}, which the models see no difference of. */
final class Toolbox {

  private Toolbox() {}

  static Map<ToolSpecification, ToolExecutor> wrapped(AgentOps ops, Object... objects) {
    Map<ToolSpecification, ToolExecutor> tools = new LinkedHashMap<>();
    for (Object object : objects) {
      for (Method method : object.getClass().getDeclaredMethods()) {
        if (method.isAnnotationPresent(Tool.class)) {
          tools.put(
              ToolSpecifications.toolSpecificationFrom(method),
              ops.wrap(new DefaultToolExecutor(object, method, method)));
        }
      }
    }
    return tools;
  }
}
