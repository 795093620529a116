package dev.agentops.cost;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The names under which a model may be listed, besides the one it is called by.
 *
 * <p>A fine-tuned model is listed as {@code ft:} and its base, never as the base itself: it costs
 * more.
 */
final class ModelNames {

  private static final int MOST_CHANGES = 3;

  private static final Pattern PATH =
      Pattern.compile("^(models/|.*publishers/[^/]+/models/|arn:aws[^/]*/)");
  private static final Pattern FINE_TUNED = Pattern.compile("^(ft:[^:]+):.*$");
  private static final Pattern BEDROCK_VERSION = Pattern.compile("(-v\\d+)?:\\d+(:\\d+k)?$");
  private static final Pattern VERTEX_VERSION = Pattern.compile("@(\\d{3}|default|latest)$");
  private static final Pattern DATE = Pattern.compile("[-@]20\\d{2}(-\\d{2}-\\d{2}|\\d{4})$");
  private static final Pattern REGION = Pattern.compile("^(us-gov|us|eu|apac|jp|au|ca|global)\\.");

  private static final List<Change> CHANGES =
      List.of(
          new Change("without its path", remove(PATH)),
          new Change(
              "base of a fine-tuned model", name -> FINE_TUNED.matcher(name).replaceFirst("$1")),
          new Change("date removed", remove(DATE)),
          new Change("'-latest' removed", remove(Pattern.compile("-latest$"))),
          new Change("version removed", remove(VERTEX_VERSION)),
          new Change("version removed", remove(BEDROCK_VERSION)),
          new Change("region profile removed", remove(REGION)));

  private ModelNames() {}

  /**
   * A normalised name and the others that may stand for it, those with fewer changes first, each
   * with what was done to the name.
   */
  static Map<String, String> of(String name) {
    Map<String, String> names = new LinkedHashMap<>();
    names.put(name, "");
    for (int i = 0; i < MOST_CHANGES; i++) {
      for (String known : new ArrayList<>(names.keySet())) {
        for (Change change : CHANGES) {
          String done = names.getOrDefault(known, "");
          String changed = change.change.apply(known);
          if (!changed.isEmpty()) {
            names.putIfAbsent(changed, done.isEmpty() ? change.what : done + ", " + change.what);
          }
        }
      }
    }
    return names;
  }

  /** The name without the profile of a region that may have prices of its own; else itself. */
  static String withoutRegion(String name) {
    return name.startsWith("global.") ? name : REGION.matcher(name).replaceFirst("");
  }

  private static UnaryOperator<String> remove(Pattern pattern) {
    return name -> pattern.matcher(name).replaceFirst("");
  }

  private record Change(String what, UnaryOperator<String> change) {}
}
