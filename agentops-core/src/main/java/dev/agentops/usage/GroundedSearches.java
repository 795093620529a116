package dev.agentops.usage;

import java.util.Collection;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How many searches Google bills for an answer that it grounded in its search: since Gemini 3 each
 * different query that is not empty, before that one for the whole answer, however many queries.
 *
 * <p>Google's free allowance, of a day or a month, is not taken off: it is the account's.
 */
public final class GroundedSearches {

  private static final Pattern BILLED_BY_ANSWER =
      Pattern.compile(".*gemini-(1|2|pro|flash|live-[12]).*");

  private GroundedSearches() {}

  /**
   * The searches that are billed.
   *
   * @param model that answered; of one that is not known each query is billed
   * @param queries that the model made; may be empty
   */
  public static long billed(@Nullable String model, Collection<String> queries) {
    long different = queries.stream().filter(query -> !query.isBlank()).distinct().count();
    boolean byAnswer =
        model != null && BILLED_BY_ANSWER.matcher(model.toLowerCase(Locale.ROOT)).matches();
    return byAnswer ? Math.min(1, different) : different;
  }
}
