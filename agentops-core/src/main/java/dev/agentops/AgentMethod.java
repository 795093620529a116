package dev.agentops;

import dev.langchain4j.service.MemoryId;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a method of an AI service before it is called.
 *
 * @param memoryIdAt which argument is the id of the conversation; -1 for none
 */
record AgentMethod(String agentName, String interfaceName, String methodName, int memoryIdAt) {

  /** Of langchain4j-agentic, which need not be there. */
  private static final String AGENT_ANNOTATION = "dev.langchain4j.agentic.Agent";

  static AgentMethod of(Class<?> service, Method method) {
    String name = annotatedName(method);
    return new AgentMethod(
        name == null ? service.getSimpleName() : name,
        service.getName(),
        method.getName(),
        memoryIdAt(method));
  }

  @Nullable String conversationId(List<@Nullable Object> arguments) {
    Object id = memoryIdAt < 0 ? null : arguments.get(memoryIdAt);
    return id == null ? null : id.toString();
  }

  private static int memoryIdAt(Method method) {
    Parameter[] parameters = method.getParameters();
    for (int i = 0; i < parameters.length; i++) {
      if (parameters[i].isAnnotationPresent(MemoryId.class)) {
        return i;
      }
    }
    return -1;
  }

  private static @Nullable String annotatedName(Method method) {
    for (Annotation annotation : method.getAnnotations()) {
      Class<? extends Annotation> type = annotation.annotationType();
      if (type.getName().equals(AGENT_ANNOTATION)) {
        try {
          Object name = type.getMethod("name").invoke(annotation);
          return name instanceof String text && !text.isBlank() ? text : null;
        } catch (ReflectiveOperationException e) { // a version without the name
          return null;
        }
      }
    }
    return null;
  }
}
