package dev.agentops.tracing.replay;

import dev.agentops.tracing.GenAiAttributes;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What an AI service asks a model about itself, as the recorded one would have said.
 *
 * @param capabilities that it takes a JSON schema, where it was asked for JSON: to a model that
 *     does not, an AI service writes the schema into the prompt
 * @param parameters the model's name, where all calls were to one
 */
record ReplayTraits(Set<Capability> capabilities, ChatRequestParameters parameters) {

  static ReplayTraits of(Recording recording) {
    boolean json =
        recording.modelCalls().stream()
            .anyMatch(call -> "json".equals(call.span().attribute(GenAiAttributes.OUTPUT_TYPE)));
    List<String> models =
        recording.modelCalls().stream()
            .map(call -> Calls.text(call.span(), GenAiAttributes.REQUEST_MODEL))
            .filter(Objects::nonNull)
            .distinct()
            .toList();
    return new ReplayTraits(
        json ? Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA) : Set.of(),
        models.size() == 1
            ? ChatRequestParameters.builder().modelName(models.get(0)).build()
            : ChatRequestParameters.builder().build());
  }

  static String noLiveModel(String kind) {
    return "the replay has come to its fork, but was given no live " + kind;
  }
}
