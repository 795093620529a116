package dev.agentops.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Adds to the prices of genai-prices what only LiteLLM lists: service tiers, regions, speeds, fees
 * for searches of the web, and models and hosts.
 */
final class PriceMerge {

  /**
   * The hosts of which models that only the second feed lists are added. Their prices hold for the
   * day they were seen, see {@link #confirmOnlyOn}: of use to reprice that day, and to say for any
   * other why there is no price. More of them would only make the catalogue slow to load.
   */
  private static final Set<String> HOSTS = Set.of("dashscope");

  private final PriceFeed base;
  private final PriceFeed other;
  private final PriceCatalog known;
  private final List<String> disagreements = new ArrayList<>();
  private int extended;
  private int extendedForADay;
  private int added;
  private int leftOut;
  private int free;

  private PriceMerge(PriceFeed base, PriceFeed other) throws IOException {
    this.base = base;
    this.other = other;
    this.known = base.catalog();
  }

  /** Adds the second feed to the tree of the first. */
  static PriceMerge of(PriceFeed genAiPrices, PriceFeed liteLlm) throws IOException {
    PriceMerge merge = new PriceMerge(genAiPrices, liteLlm);
    Map<String, List<ObjectNode>> shared = new HashMap<>();
    for (JsonNode provider : liteLlm.tree().path("providers")) {
      merge.addUnknown(provider, shared);
    }
    PriceFeed.models(genAiPrices.tree())
        .forEach(
            (label, model) -> {
              List<ObjectNode> candidates = shared.get(label);
              if (candidates != null) {
                merge.extend(label, model, candidates);
              }
            });
    return merge;
  }

  /** Adds the models that the base feed lacks, and collects the others by what they are there. */
  private void addUnknown(JsonNode provider, Map<String, List<ObjectNode>> shared) {
    ObjectNode host = base.providerCalled(PriceFeed.id(provider));
    ObjectNode target = host == null ? emptied(provider) : host;
    String id = PriceFeed.id(target);
    for (JsonNode model : provider.path("models")) {
      ModelPrice found = host == null ? null : known.find(id, PriceFeed.id(model));
      if (found == null && HOSTS.contains(id)) {
        add((ObjectNode) model, target);
      } else if (found == null) {
        leftOut++;
      } else if (found.provider().equals(id)) { // else it is a fallback's, and this one's unknown
        shared.computeIfAbsent(found.label(), label -> new ArrayList<>()).add((ObjectNode) model);
      }
    }
    if (host == null && !target.path("models").isEmpty()) {
      base.tree().withArrayProperty("providers").add(target);
    }
  }

  /**
   * How long a price holds that no second source confirms: on the day it was seen. Lists of prices
   * go stale without a sign, and a stale price is a guess; afterwards such a model is unpriced with
   * that reason until a newer list or an override is loaded. Whoever loads LiteLLM's list itself
   * takes it as it is.
   */
  private void confirmOnlyOn(LocalDate day, ObjectNode rule) {
    rule.put("from", day.toString()).put("until", day.plusDays(1).toString());
  }

  /** What each feed says of a model that the other does not, one line each. */
  List<String> disagreements() {
    return disagreements;
  }

  @Override
  public String toString() {
    return "tiers, regions and speeds added to "
        + extended
        + " models, to "
        + extendedForADay
        + " more only for "
        + other.date()
        + "; "
        + added
        + " models added only for that day, "
        + leftOut
        + " that no other feed confirms left out, "
        + free
        + " left out as they cost nothing";
  }

  private static ObjectNode emptied(JsonNode provider) {
    ObjectNode host = ((ObjectNode) provider).deepCopy();
    host.putArray("models");
    return host;
  }

  private void add(ObjectNode model, ObjectNode provider) {
    if (free(model)) { // from a single source, zero more often means that nobody entered a price
      free++;
      return;
    }
    ObjectNode copy = PriceFile.JSON.createObjectNode();
    copy.put("id", PriceFeed.id(model));
    copy.put("note", "last confirmed by " + other.name() + "; load a newer list or an override");
    ArrayNode rules = copy.putArray("prices");
    for (JsonNode rule : model.path("prices")) {
      ObjectNode dated = rule.deepCopy();
      confirmOnlyOn(other.date(), dated);
      rules.add(dated);
    }
    provider.withArrayProperty("models").add(copy);
    added++;
  }

  private static boolean free(JsonNode model) {
    for (JsonNode rule : model.path("prices")) {
      for (JsonNode rate : rule.path("rates")) {
        if (rate.decimalValue().signum() > 0) {
          return false;
        }
      }
      if (rule.has("units")) {
        return false;
      }
    }
    return true;
  }

  /** Adds the rules that a model lacks. */
  private void extend(String label, ObjectNode model, List<ObjectNode> candidates) {
    LocalDate day = other.date();
    StandardRates mine = StandardRates.of(model, day);
    ObjectNode theirs = best(PriceFeed.id(model), mine, candidates);
    List<String> differences = mine.differences(StandardRates.of(theirs, day));
    differences.forEach(difference -> disagreements.add(label + ' ' + day + ": " + difference));
    if (differences.isEmpty()) {
      addSearchFee(model, StandardRates.of(theirs, day).units().path(PriceUnits.WEB_SEARCHES));
    }
    LocalDate until = differences.isEmpty() ? StandardRates.nextChange(model, day) : null;
    ArrayNode rules = (ArrayNode) model.path("prices");
    int before = rules.size();
    for (JsonNode rule : theirs.path("prices")) {
      if (rule.has("tier") || rule.has("speed")) {
        ObjectNode added = rule.deepCopy();
        if (added.has("rates")) {
          takeFees(added, mine);
          date(added, differences.isEmpty(), until);
        }
        rules.add(added);
      }
    }
    if (rules.size() > before) {
      model.put("note", "tiers, regions and speeds: " + other.name());
      if (differences.isEmpty()) {
        extended++;
      } else {
        extendedForADay++;
      }
    }
  }

  /** Of a model on whose rates both agree; as far as the base feed has no such fee. */
  private static void addSearchFee(ObjectNode model, JsonNode fee) {
    for (JsonNode rule : model.path("prices")) {
      boolean standard =
          rule.has("rates") && !rule.has("tier") && !rule.has("region") && !rule.has("speed");
      if (fee.isObject() && standard && !rule.path("units").has(PriceUnits.WEB_SEARCHES)) {
        ((ObjectNode) rule).withObject("units").set(PriceUnits.WEB_SEARCHES, fee.deepCopy());
      }
    }
  }

  /** Holds until the price changes on which the other feed agrees; else only on its day. */
  private void date(ObjectNode rule, boolean agreed, @Nullable LocalDate until) {
    if (!agreed) {
      confirmOnlyOn(other.date(), rule);
      return;
    }
    rule.put("from", other.date().toString());
    if (until != null) {
      rule.put("until", until.toString());
    }
  }

  /** Fees that are not for tokens are those of the base feed, in every tier. */
  private static void takeFees(ObjectNode rule, StandardRates standard) {
    if (!rule.path("rates").isEmpty() && !standard.units().isEmpty()) {
      rule.set("units", standard.units());
    }
  }

  /**
   * The entry that means this model: of the same name, else one whose prices agree, else the one of
   * the shortest name, which no date or region makes special.
   */
  private ObjectNode best(String id, StandardRates mine, List<ObjectNode> candidates) {
    return candidates.stream()
        .min(
            Comparator.comparing((ObjectNode candidate) -> !PriceFeed.id(candidate).equals(id))
                .thenComparing(
                    candidate ->
                        !mine.differences(StandardRates.of(candidate, other.date())).isEmpty())
                .thenComparingInt(candidate -> PriceFeed.id(candidate).length())
                .thenComparing(PriceFeed::id))
        .orElseThrow();
  }
}
