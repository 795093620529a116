package dev.agentops.usage;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The providers' words for the tier that served a call, in the words of a usage report. */
public final class ServiceTiers {

  private ServiceTiers() {}

  /**
   * {@code standard}, {@code batch}, {@code flex} or {@code priority}; another word in lower case;
   * null for one that names no tier.
   */
  public static @Nullable String of(@Nullable String told) {
    if (told == null || told.isBlank()) {
      return null;
    }
    String tier = told.strip().toLowerCase(Locale.ROOT);
    return switch (tier) {
      case "default", "on_demand", "standard_only" -> "standard";
      case "on_demand_flex" -> "flex";
      case "on_demand_priority" -> "priority";
      case "auto", "traffic_type_unspecified", "service_tier_unspecified" -> null; // not decided
      default -> tier;
    };
  }
}
