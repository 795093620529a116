package dev.agentops.cost;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The models of one provider, and how they are named. Immutable once loaded. */
final class ProviderPrices {

  /** How an id begins that nobody calls a model by: the prices of its regional profiles. */
  private static final String REGIONAL = "regional.";

  private final String id;
  private final List<ModelPattern> names;
  private final List<ModelPattern> claims;
  private final List<String> fallbacks;
  private final Map<String, ModelPrice> exact = new HashMap<>();
  private final Map<String, ModelPrice> ids = new HashMap<>();
  private final Map<String, ModelPrice> regional = new HashMap<>();
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
   * Adds a model; where two have one name, the first keeps it. Its id is a name, too, behind those
   * of all models and before all patterns.
   */
  void add(List<ModelPattern> match, ModelPrice price) {
    String name = ModelPattern.normalise(price.id());
    if (name.startsWith(REGIONAL)) {
      regional.putIfAbsent(name.substring(REGIONAL.length()), price);
    }
    if (match.isEmpty() || !name.startsWith(REGIONAL)) {
      ids.putIfAbsent(name, price);
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
  Stream<String> modelNames() {
    return Stream.concat(exact.keySet().stream(), ids.keySet().stream()).distinct();
  }

  boolean claims(String model) {
    return claims.stream().anyMatch(claim -> claim.matches(model));
  }

  /** The model of this normalised name, or of another {@linkplain ModelNames name} of it. */
  @Nullable Found find(String model) {
    for (Map.Entry<String, String> name : ModelNames.of(model).entrySet()) {
      Found found = lookUp(name.getKey());
      if (found == null) {
        found = lookUpRegional(name.getKey());
      }
      if (found != null) {
        return name.getValue().isEmpty()
            ? found
            : new Found(found.price, name.getValue() + ", " + found.how);
      }
    }
    return null;
  }

  private @Nullable Found lookUp(String model) {
    ModelPrice named = exact.get(model);
    if (named != null) {
      return new Found(
          named, ModelPattern.normalise(named.id()).equals(model) ? "its id" : "an alias");
    }
    ModelPrice identified = ids.get(model);
    if (identified != null) {
      return new Found(identified, "its id");
    }
    for (Candidate candidate : patterns) {
      if (candidate.pattern.matches(model)) {
        return new Found(candidate.price, "pattern " + candidate.pattern);
      }
    }
    return null;
  }

  private @Nullable Found lookUpRegional(String model) {
    String base = ModelNames.withoutRegion(model);
    ModelPrice price = base.equals(model) ? null : regional.get(base);
    return price == null ? null : new Found(price, "the regional price");
  }

  /**
   * A price.
   *
   * @param how it was found
   */
  record Found(ModelPrice price, String how) {}

  private record Candidate(ModelPattern pattern, ModelPrice price) {}
}
