package dev.agentops;

import dev.agentops.usage.ProviderBody;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The provider's own body or events, which the metadata of some providers keeps, and which tells
 * more than LangChain4j's token usage: cache writes and their time to live, audio, searches, tier,
 * region, cost.
 */
final class RawAnswer {

  private RawAnswer() {}

  /**
   * What the raw answer tells; null where none is kept or it tells no usage.
   *
   * @throws IllegalArgumentException if it cannot be read, or tells what is impossible
   */
  static @Nullable UsageReport report(String provider, ChatResponseMetadata metadata) {
    ProviderBody body = ProviderBody.of(provider);
    if (Shape.get(Shape.get(metadata, "rawHttpResponse"), "body") instanceof String json
        && !json.isBlank()) {
      body.add(json);
    } else if (Shape.get(metadata, "rawServerSentEvents") instanceof List<?> events) {
      for (Object event : events) {
        if (Shape.get(event, "data") instanceof String data) {
          body.addEvent(data);
        }
      }
    }
    return body.report();
  }
}
