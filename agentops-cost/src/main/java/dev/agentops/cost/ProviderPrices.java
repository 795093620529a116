package dev.agentops.cost;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The models of one provider, and how they are named. Immutable once loaded. */
final class ProviderPrices {

  private static final Pattern DATE_SUFFIX =
      Pattern.compile("[-@]20\\d{2}(-\\d{2}-\\d{2}|\\d{4})$");

  private final String id;
  private final List<ModelPattern> names;
  private final List<ModelPattern> claims;
  private final List<String> fallbacks;
  private final Map<String, ModelPrice> exact = new HashMap<>();
  private final Map<String, ModelPrice> ids = new HashMap<>();
  private final List<Candidate> patterns = new ArrayList<>();

  /**
   * A provider without models.
   *
   * @param names the names by which it may be called, besides its id
   * @param claims the models that are this provider's where none is named
   * @param fallbacks the providers whose prices hold for models that are not listed here
   */
  ProviderPrices(
      String id, List<ModelPattern> names, List<ModelPattern> claims, List<String> fallbacks) {
    this.id = id;
    this.names = List.copyOf(names);
    this.claims = List.copyOf(claims);
    this.fallbacks = List.copyOf(fallbacks);
  }

  /**
   * Adds a model; where two have one name, the first keeps it.
   *
   * @param named whether its id is a name, too, behind those of all models and before all patterns
   */
  void add(List<ModelPattern> match, ModelPrice price, boolean named) {
    if (named) {
      ids.putIfAbsent(ModelPattern.normalise(price.id()), price);
    }
    for (ModelPattern pattern : match) {
      if (pattern.exact()) {
        exact.putIfAbsent(pattern.text(), price);
      } else {
        patterns.add(new Candidate(pattern, price));
      }
    }
  }

  /** Adds a name of a model; the model that has that name already, or null. */
  @Nullable ModelPrice addAlias(String alias, ModelPrice price) {
    ModelPrice other = exact.putIfAbsent(ModelPattern.normalise(alias), price);
    return other == price ? null : other;
  }

  String id() {
    return id;
  }

  List<ModelPattern> names() {
    return names;
  }

  List<String> fallbacks() {
    return fallbacks;
  }

  /** The names of its models that are no patterns. */
  Set<String> modelNames() {
    Set<String> names = new HashSet<>(exact.keySet());
    names.addAll(ids.keySet());
    return names;
  }

  boolean claims(String model) {
    return claims.stream().anyMatch(claim -> claim.matches(model));
  }

  /**
   * The model of this normalised name; else, where the name ends with a date, the model without the
   * date; else null.
   */
  @Nullable ModelPrice find(String model) {
    ModelPrice found = lookUp(model);
    if (found != null) {
      return found;
    }
    String family = DATE_SUFFIX.matcher(model).replaceFirst("");
    return family.equals(model) ? null : lookUp(family);
  }

  private @Nullable ModelPrice lookUp(String model) {
    ModelPrice named = exact.getOrDefault(model, ids.get(model));
    if (named != null) {
      return named;
    }
    for (Candidate candidate : patterns) {
      if (candidate.pattern.matches(model)) {
        return candidate.price;
      }
    }
    return null;
  }

  private record Candidate(ModelPattern pattern, ModelPrice price) {}
}
