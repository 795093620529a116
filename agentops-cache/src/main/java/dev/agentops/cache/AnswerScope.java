package dev.agentops.cache;

import dev.agentops.Attributes;
import dev.agentops.ModelCall;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whose answers a call may get. Thread-safe. */
final class AnswerScope {

  private static final Logger log = LoggerFactory.getLogger(ResponseCache.class);

  private final String cache;
  private final @Nullable String attribute;
  private final AtomicBoolean toldOfUnknownOwner = new AtomicBoolean();
  private final AtomicBoolean toldOfUnknownModel = new AtomicBoolean();

  /**
   * A scope.
   *
   * @param attribute calls that agree in it share their answers; null where all of a tenant do
   */
  AnswerScope(String cache, @Nullable String attribute) {
    this.cache = cache;
    this.attribute = attribute;
  }

  /** The key of a call's answer; null where it is not known whose that is, or of which model. */
  @Nullable String key(ModelCall call) {
    if (call.modelName() == null) {
      tellOnce(toldOfUnknownModel, "name no model");
      return null;
    }
    if (attribute == null) {
      return RequestKey.of(call, true);
    }
    Object owner = RequestKey.named(call, attribute);
    if (owner == null) {
      tellOnce(
          toldOfUnknownOwner,
          "have no " + attribute + " (open a scope, or build the cache shared())");
      return null;
    }
    return attribute.equals(Attributes.USER_ID)
        ? RequestKey.of(call, false)
        : CacheKeys.of(RequestKey.of(call, true) + ':' + attribute + ':' + owner);
  }

  private void tellOnce(AtomicBoolean told, String why) {
    if (!told.get() && told.compareAndSet(false, true)) {
      log.info("cache '{}' does not serve calls that {}", cache, why);
    }
  }
}
