package dev.agentops.cache;

import dev.agentops.Attributes;
import dev.agentops.Call;
import java.util.Locale;

/** What a caller says about caching, by {@link ResponseCache#CONTROL}. */
enum CacheControl {
  /** Nothing. */
  NORMAL,
  /** It wants a new answer, which is kept. */
  REFRESH,
  /** The cache is to stay out of it. */
  BYPASS;

  /** What is not understood means to stay out of it: who says anything wants less caching. */
  static CacheControl of(Call call) {
    return of(call.attributes());
  }

  static CacheControl of(Attributes attributes) {
    String said = attributes.text(ResponseCache.CONTROL);
    if (said == null || said.isBlank()) {
      return NORMAL;
    }
    return said.strip().toLowerCase(Locale.ROOT).equals("no-cache") ? REFRESH : BYPASS;
  }
}
