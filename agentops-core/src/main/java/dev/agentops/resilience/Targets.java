package dev.agentops.resilience;

import dev.agentops.AgentOps;
import dev.agentops.event.OpsEventListener;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The models behind a decorator, as policies see them. */
final class Targets {

  private final List<?> models;
  private final List<OpsEventListener> listeners;

  private Targets(List<?> models) {
    if (models.isEmpty()) {
      throw new IllegalArgumentException("at least one model is needed: " + models);
    }
    models.forEach(model -> Objects.requireNonNull(model, "model"));
    this.models = List.copyOf(models);
    this.listeners = this.models.stream().map(AgentOps::listenerOf).toList();
  }

  static Targets of(List<?> models) {
    return new Targets(models);
  }

  int size() {
    return models.size();
  }

  List<?> models() {
    return models;
  }

  OpsEventListener listener(int target) {
    return listeners.get(target);
  }

  /**
   * The request as a target gets it: where it names a model, another one than the first gets its
   * own model's name in place, which it would not know.
   */
  ChatRequest requestFor(int target, ChatRequest request) {
    String own = target == 0 || request.modelName() == null ? null : ownModel(target);
    return own == null || own.equals(request.modelName())
        ? request
        : ChatRequest.builder()
            .messages(request.messages())
            .parameters(
                request
                    .parameters()
                    .overrideWith(ChatRequestParameters.builder().modelName(own).build()))
            .build();
  }

  /** Provider and model, such as {@code openai/gpt-4o}. */
  String nameOf(int target, ChatRequest request) {
    Object model = models.get(target);
    String own = ownModel(target);
    String asked = target == 0 || own == null ? request.modelName() : null;
    ModelProvider provider =
        model instanceof ChatModel chat ? chat.provider() : ((StreamingChatModel) model).provider();
    String name = asked != null ? asked : own == null ? "unknown" : own;
    return (provider == null ? "unknown" : provider.name().toLowerCase(Locale.ROOT)) + "/" + name;
  }

  /** The name of the model that a target asks for where the request names none. */
  @Nullable String ownModel(int target) {
    Object model = models.get(target);
    ChatRequestParameters defaults =
        model instanceof ChatModel chat
            ? chat.defaultRequestParameters()
            : ((StreamingChatModel) model).defaultRequestParameters();
    return defaults == null ? null : defaults.modelName();
  }
}
