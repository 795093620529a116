package dev.agentops.cost;

import dev.agentops.Cost;
import dev.agentops.Usage;
import dev.agentops.UsageGap;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The least and the most that a usage can cost, over all ways to fill its gaps.
 *
 * <p>The usage is seen as groups of tokens, each with the kinds that its tokens may be of; what the
 * usage tells of a token stays true, and a kind without a rate is one that the model does not have.
 * The costs are linear in each part of a group, but for the bends of marginal rates, so that an
 * extreme has all tokens of a group, but for those up to a bend, in one kind. Bends on both sides
 * of tokens that the usage tells the kind of in part (cached audio beside cached text) are tried
 * one group after the other.
 */
final class PriceInterval {

  private final Tariff tariff;
  private final Usage usage;
  private final @Nullable BigDecimal discount;
  private final Map<TokenKind, Long> counts = new EnumMap<>(TokenKind.class);
  private @Nullable Cost lowest;
  private @Nullable Cost highest;

  private PriceInterval(Tariff tariff, Usage usage, @Nullable BigDecimal discount) {
    this.tariff = tariff;
    this.usage = usage;
    this.discount = discount;
  }

  /** The interval of a usage that has a price. */
  static PriceInterval of(Tariff tariff, PriceQuery query, @Nullable BigDecimal discount) {
    PriceInterval interval = new PriceInterval(tariff, query.usage(), discount);
    List<Group> groups = interval.groups(query.gaps());
    interval.fill(groups, 0);
    long more = query.maximumOutputTokens() - query.usage().outputTokens();
    if (more > 0 && query.gaps().contains(UsageGap.OUTPUT)) {
      groups.add(interval.moreOutput(more, query.gaps()));
      Cost least = interval.lowest;
      interval.fill(groups, 0);
      interval.lowest = least; // none of them need have been generated
    }
    return interval;
  }

  @Nullable Cost lowest() {
    return lowest;
  }

  @Nullable Cost highest() {
    return highest;
  }

  private List<Group> groups(Set<UsageGap> gaps) {
    boolean reads = gaps.contains(UsageGap.CACHE_READS);
    boolean writes = gaps.contains(UsageGap.CACHE_WRITES);
    boolean modalities = gaps.contains(UsageGap.MODALITIES);
    List<Group> groups = new ArrayList<>();
    for (TokenKind kind : TokenKind.values()) {
      List<TokenKind> kinds = new ArrayList<>(List.of(kind));
      switch (kind) {
        case INPUT -> {
          addIf(reads, kinds, TokenKind.CACHE_READ);
          addIf(writes, kinds, TokenKind.CACHE_WRITE, TokenKind.CACHE_WRITE_1H);
          addIf(modalities, kinds, TokenKind.INPUT_AUDIO, TokenKind.INPUT_IMAGE);
          addIf(modalities && reads, kinds, TokenKind.CACHE_READ_AUDIO);
        }
        case CACHE_READ -> addIf(modalities, kinds, TokenKind.CACHE_READ_AUDIO);
        case CACHE_WRITE -> addIf(writes, kinds, TokenKind.CACHE_WRITE_1H);
        case INPUT_AUDIO -> addIf(reads, kinds, TokenKind.CACHE_READ_AUDIO);
        case INPUT_IMAGE -> addIf(reads, kinds, TokenKind.CACHE_READ);
        case OUTPUT -> addIf(modalities, kinds, TokenKind.OUTPUT_AUDIO, TokenKind.OUTPUT_IMAGE);
        default -> {}
      }
      long count = tariff.count(kind, usage);
      if (count > 0) {
        groups.add(new Group(count, kinds));
      }
    }
    groups.sort((a, b) -> Integer.compare(a.kinds.size(), b.kinds.size()));
    return groups;
  }

  private Group moreOutput(long count, Set<UsageGap> gaps) {
    List<TokenKind> kinds = new ArrayList<>();
    addIf(true, kinds, TokenKind.OUTPUT, TokenKind.REASONING);
    addIf(
        gaps.contains(UsageGap.MODALITIES), kinds, TokenKind.OUTPUT_AUDIO, TokenKind.OUTPUT_IMAGE);
    return new Group(count, kinds);
  }

  private void addIf(boolean possible, List<TokenKind> kinds, TokenKind... more) {
    for (TokenKind kind : more) {
      if (possible && tariff.has(kind)) {
        kinds.add(kind);
      }
    }
  }

  /** Fills the groups from this one on in every way that may be an extreme. */
  private void fill(List<Group> groups, int index) {
    if (index == groups.size()) {
      compare();
      return;
    }
    Group group = groups.get(index);
    for (TokenKind rest : group.kinds) {
      fill(groups, index, 0, rest, group.count);
    }
  }

  /** Puts nothing or up to a bend into each kind of a group, and what is left into one of them. */
  private void fill(List<Group> groups, int index, int next, TokenKind rest, long left) {
    List<TokenKind> kinds = groups.get(index).kinds;
    if (next == kinds.size()) {
      add(rest, left);
      fill(groups, index + 1);
      add(rest, -left);
      return;
    }
    fill(groups, index, next + 1, rest, left);
    TokenKind kind = kinds.get(next);
    if (kind == rest) {
      return;
    }
    for (long bend : tariff.bends()) {
      long part = bend - counts.getOrDefault(kind, 0L);
      if (part > 0 && part <= left) {
        add(kind, part);
        fill(groups, index, next + 1, rest, left - part);
        add(kind, -part);
      }
    }
  }

  private void add(TokenKind kind, long count) {
    counts.merge(kind, count, Long::sum);
  }

  private void compare() {
    Sum sum = new Sum();
    counts.forEach((kind, count) -> tariff.apply(kind, count, sum));
    tariff.applyUnits(usage, sum);
    Cost cost = sum.total(tariff.factor(), discount);
    if (cost == null) {
      return;
    }
    lowest = lowest == null || cost.compareTo(lowest) < 0 ? cost : lowest;
    highest = highest == null || cost.compareTo(highest) > 0 ? cost : highest;
  }

  /** So many tokens, and the kinds that they may be of. */
  private record Group(long count, List<TokenKind> kinds) {}
}
