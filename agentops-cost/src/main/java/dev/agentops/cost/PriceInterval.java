package dev.agentops.cost;

import dev.agentops.Cost;
import dev.agentops.Usage;
import dev.agentops.UsageGap;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The least and the most that a usage can cost, over all ways to fill its gaps.
 *
 * <p>The usage is seen as groups of tokens, each with the kinds that its tokens may be of; what the
 * usage tells of a token stays true, and no token that the usage does not tell the kind of is of a
 * kind without a rate. The costs are linear in each part of a group, but for the bends of marginal
 * rates, so that an extreme has all tokens of a group, but for those up to a bend, in one kind.
 * Bends on both sides of tokens that the usage tells the kind of in part (cached audio beside
 * cached text) are tried one group after the other. Input and output share no kind.
 */
final class PriceInterval {

  private static final Set<TokenKind> OUTPUT =
      EnumSet.range(TokenKind.OUTPUT, TokenKind.OUTPUT_IMAGE);

  private final Tariff tariff;
  private final @Nullable BigDecimal discount;
  private final Map<TokenKind, Long> counts = new EnumMap<>(TokenKind.class);
  private Cost lowest;
  private @Nullable Cost highest;

  /** So far without tokens. */
  private PriceInterval(Tariff tariff, Usage usage, @Nullable BigDecimal discount) {
    this.tariff = tariff;
    this.discount = discount;
    Sum units = new Sum();
    tariff.applyUnits(usage, units);
    lowest = Objects.requireNonNull(units.total(tariff.factor(), discount), "units");
    highest = lowest;
  }

  /**
   * The interval of a usage that has a price.
   *
   * @param assumed the kinds that are charged at the rate of another: of cache reads it is not
   *     known how much less they cost, so that they cost nothing in the least
   */
  static PriceInterval of(
      Tariff tariff, PriceQuery query, @Nullable BigDecimal discount, Set<TokenKind> assumed) {
    PriceInterval interval = of(tariff, query, query.usage(), discount);
    if (assumed.contains(TokenKind.CACHE_READ) || assumed.contains(TokenKind.CACHE_READ_AUDIO)) {
      Usage least = withoutReads(query.usage(), assumed);
      interval.lowest = of(tariff, query, least, discount).lowest;
    }
    return interval;
  }

  /** A usage without the cache reads of some kinds. */
  private static Usage withoutReads(Usage usage, Set<TokenKind> kinds) {
    long audio =
        kinds.contains(TokenKind.CACHE_READ_AUDIO) ? TokenKind.CACHE_READ_AUDIO.count(usage) : 0;
    long text = kinds.contains(TokenKind.CACHE_READ) ? TokenKind.CACHE_READ.count(usage) : 0;
    long input = usage.inputTokens() - audio - text;
    long inputAudio = usage.inputAudioTokens() - audio;
    Usage.Builder rest =
        Usage.builder()
            .inputTokens(input)
            .cacheReadTokens(usage.cacheReadTokens() - audio - text)
            .cacheWriteTokens(usage.cacheWriteTokens())
            .cacheWrite1hTokens(usage.cacheWrite1hTokens())
            .inputAudioTokens(inputAudio)
            .cacheReadAudioTokens(usage.cacheReadAudioTokens() - audio)
            .inputImageTokens(Math.min(usage.inputImageTokens(), input - inputAudio))
            .outputTokens(usage.outputTokens())
            .reasoningTokens(usage.reasoningTokens())
            .outputAudioTokens(usage.outputAudioTokens())
            .outputImageTokens(usage.outputImageTokens());
    usage.units().forEach(rest::units);
    return rest.build();
  }

  private static PriceInterval of(
      Tariff tariff, PriceQuery query, Usage usage, @Nullable BigDecimal discount) {
    PriceInterval interval = new PriceInterval(tariff, usage, discount);
    List<Group> groups = interval.groups(usage, query.gaps());
    interval.add(groups.stream().filter(group -> !group.output()).toList());
    List<Group> output = groups.stream().filter(Group::output).toList();
    long more = query.maximumOutputTokens() - usage.outputTokens();
    if (more > 0 && query.gaps().contains(UsageGap.OUTPUT)) {
      Cost least = interval.lowest.plus(interval.extremes(output).lowest);
      List<Group> all = new ArrayList<>(output);
      all.add(interval.moreOutput(more, query.gaps()));
      interval.add(all);
      interval.lowest = least; // none of them need have been generated
    } else {
      interval.add(output);
    }
    return interval;
  }

  Cost lowest() {
    return lowest;
  }

  /** Null where output that may have been generated has no rate. */
  @Nullable Cost highest() {
    return highest;
  }

  /** Adds groups that share no kind with those before, so that their extremes add up. */
  private void add(List<Group> groups) {
    Extremes extremes = extremes(groups);
    lowest = lowest.plus(extremes.lowest);
    highest = highest == null || extremes.highest == null ? null : highest.plus(extremes.highest);
  }

  private Extremes extremes(List<Group> groups) {
    Extremes extremes = new Extremes();
    if (tariff.bends().isEmpty()) {
      extremes.add(straight(groups, true));
      extremes.add(straight(groups, false));
    } else {
      counts.clear();
      fill(groups, 0, extremes);
    }
    return extremes;
  }

  /** The cost where all tokens of a group are of its cheapest, or of its dearest, kind. */
  private @Nullable Cost straight(List<Group> groups, boolean cheapest) {
    Sum sum = new Sum();
    for (Group group : groups) {
      if (group.kinds.isEmpty()) {
        return null;
      }
      TokenKind best = group.kinds.get(0);
      for (TokenKind kind : group.kinds) {
        best = isCheaper(kind, best) == cheapest ? kind : best;
      }
      tariff.apply(best, group.count, sum);
    }
    return sum.total(tariff.factor(), discount);
  }

  private boolean isCheaper(TokenKind kind, TokenKind than) {
    Rate rate = tariff.rate(kind);
    Rate other = tariff.rate(than);
    return rate != null && other != null && rate.compareTo(other) < 0;
  }

  private List<Group> groups(Usage usage, Set<UsageGap> gaps) {
    boolean reads = gaps.contains(UsageGap.CACHE_READS);
    boolean writes = gaps.contains(UsageGap.CACHE_WRITES);
    boolean lifetimes = writes || gaps.contains(UsageGap.CACHE_WRITE_LIFETIMES);
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
        case CACHE_WRITE -> addIf(lifetimes, kinds, TokenKind.CACHE_WRITE_1H);
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
    groups.sort(Comparator.comparingInt(group -> group.kinds.size())); // the freest last
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
  private void fill(List<Group> groups, int index, Extremes extremes) {
    if (index == groups.size()) {
      Sum sum = new Sum();
      counts.forEach((kind, count) -> tariff.apply(kind, count, sum));
      extremes.add(sum.total(tariff.factor(), discount));
      return;
    }
    Group group = groups.get(index);
    for (TokenKind rest : group.kinds) {
      fill(groups, index, 0, rest, group.count, extremes);
    }
  }

  /** Puts nothing or up to a bend into each kind of a group, and what is left into one of them. */
  private void fill(
      List<Group> groups, int index, int next, TokenKind rest, long left, Extremes extremes) {
    List<TokenKind> kinds = groups.get(index).kinds;
    if (next == kinds.size()) {
      add(rest, left);
      fill(groups, index + 1, extremes);
      add(rest, -left);
      return;
    }
    fill(groups, index, next + 1, rest, left, extremes);
    TokenKind kind = kinds.get(next);
    if (kind == rest) {
      return;
    }
    for (long bend : tariff.bends()) {
      long part = bend - counts.getOrDefault(kind, 0L);
      if (part > 0 && part <= left) {
        add(kind, part);
        fill(groups, index, next + 1, rest, left - part, extremes);
        add(kind, -part);
      }
    }
  }

  private void add(TokenKind kind, long count) {
    counts.merge(kind, count, Long::sum);
  }

  /** So many tokens, and the kinds that they may be of. */
  private record Group(long count, List<TokenKind> kinds) {

    boolean output() {
      return OUTPUT.containsAll(kinds);
    }
  }

  /** The least and the most of some costs; those that are not known are not possible. */
  private static final class Extremes {

    private Cost lowest = Cost.ZERO;
    private @Nullable Cost highest;

    void add(@Nullable Cost cost) {
      if (cost == null) {
        return;
      }
      lowest = highest == null || cost.compareTo(lowest) < 0 ? cost : lowest;
      highest = highest == null || cost.compareTo(highest) > 0 ? cost : highest;
    }
  }
}
