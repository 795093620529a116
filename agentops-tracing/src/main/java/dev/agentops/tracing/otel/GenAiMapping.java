package dev.agentops.tracing.otel;

import dev.agentops.Attributes;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;

/** Our attributes, which have the names of the conventions already, and what they do not hold. */
final class GenAiMapping implements AttributeMapping {

  @Override
  public void write(Span span, Origin origin, AttributeWriter to) {
    Attributes attributes = span.attributes();
    attributes.forEach(to::put);
    to.put("agentops.agent", span.agentName());
    to.put("agentops.action", span.action());
    to.put("agentops.status", AttributeMapping.unusualStatus(span));
    if (isAbsent(attributes, GenAiAttributes.INPUT_MESSAGES, GenAiAttributes.TOOL_CALL_ARGUMENTS)) {
      to.put("agentops.input", AttributeMapping.input(span));
    }
    if (isAbsent(attributes, GenAiAttributes.OUTPUT_MESSAGES, GenAiAttributes.TOOL_CALL_RESULT)) {
      to.put("agentops.output", AttributeMapping.output(span));
    }
    if (!span.metadata().isEmpty()) {
      to.put("agentops.metadata", PayloadText.of(span.metadata()));
    }
  }

  private static boolean isAbsent(Attributes attributes, String messages, String ofTool) {
    return attributes.get(messages) == null && attributes.get(ofTool) == null;
  }
}
