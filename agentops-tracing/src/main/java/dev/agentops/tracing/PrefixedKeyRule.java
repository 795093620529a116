package dev.agentops.tracing;

import java.util.List;

/** Finds keys that begin as their issuer lets them all begin. */
final class PrefixedKeyRule implements TextRule {

  private static final List<Prefix> PREFIXES =
      List.of(
          new Prefix("sk-", 20, "-_", true), // OpenAI, Anthropic, OpenRouter, DeepSeek
          new Prefix("gsk_", 30, "", true), // Groq
          new Prefix("xai-", 30, "", true),
          new Prefix("pplx-", 30, "", true),
          new Prefix("hf_", 30, "", false),
          new Prefix("AIza", 35, "-_", true), // Google
          new Prefix("ya29.", 20, "-_", true),
          new Prefix("GOCSPX-", 20, "-_", false),
          new Prefix("AKIA", 16, "", false), // AWS
          new Prefix("ASIA", 16, "", false),
          new Prefix("ghp_", 30, "", true), // GitHub
          new Prefix("gho_", 30, "", true),
          new Prefix("ghu_", 30, "", true),
          new Prefix("ghs_", 30, "", true),
          new Prefix("ghr_", 30, "", true),
          new Prefix("github_pat_", 22, "_", true),
          new Prefix("glpat-", 20, "-_", true), // GitLab
          new Prefix("xoxa-", 10, "-", true), // Slack
          new Prefix("xoxb-", 10, "-", true),
          new Prefix("xoxe-", 10, "-", true),
          new Prefix("xoxp-", 10, "-", true),
          new Prefix("xoxr-", 10, "-", true),
          new Prefix("xoxs-", 10, "-", true),
          new Prefix("xapp-", 10, "-", true),
          new Prefix("hooks.slack.com/services/", 20, "/", true),
          new Prefix("sk_live_", 10, "", true), // Stripe
          new Prefix("sk_test_", 10, "", true),
          new Prefix("rk_live_", 10, "", true),
          new Prefix("rk_test_", 10, "", true),
          new Prefix("whsec_", 20, "", true),
          new Prefix("SG.", 40, "-_.", true), // SendGrid
          new Prefix("npm_", 36, "", true),
          new Prefix("pypi-", 50, "-_", true),
          new Prefix("hvs.", 20, "-_", true), // Vault
          new Prefix("dop_v1_", 40, "", true), // DigitalOcean
          new Prefix("dckr_pat_", 20, "-_", true), // Docker
          new Prefix("glsa_", 30, "_", true), // Grafana
          new Prefix("tvly-", 20, "-_", true), // Tavily
          new Prefix("lsv2_", 30, "_", true), // LangSmith
          new Prefix("nvapi-", 30, "-_", true), // NVIDIA
          new Prefix("r8_", 30, "", true), // Replicate
          new Prefix("discord.com/api/webhooks/", 30, "-_/", true),
          new Prefix("discordapp.com/api/webhooks/", 30, "-_/", true));

  /** How far to look before it is known to be a key, lest a text of beginnings takes long. */
  private static final int LONG_ENOUGH = 200;

  private static final int LONGEST_WORD = 15;
  private static final int LONGEST_YEAR = 4;

  /**
   * How a kind of key begins.
   *
   * @param text the beginning itself
   * @param minimum how many characters must follow
   * @param signs which may be among them, beside letters and digits
   * @param hasDigit whether there is always a digit among them: else it may be a word
   */
  private record Prefix(String text, int minimum, String signs, boolean hasDigit) {

    boolean allows(char c) {
      return Characters.isAlphanumeric(c) || signs.indexOf(c) >= 0;
    }
  }

  @Override
  public boolean mayMatch(TextFacts facts) {
    return true;
  }

  @Override
  public void apply(String text, Replacements found) {
    for (int i = 0; i < text.length(); i++) {
      if (mayStart(text.charAt(i)) && Characters.startsWord(text, i)) {
        for (Prefix prefix : PREFIXES) {
          if (text.startsWith(prefix.text, i)) {
            int end = end(text, i + prefix.text.length(), prefix);
            if (end > 0) {
              found.replace(i, end);
              i = end - 1;
              break;
            }
          }
        }
      }
    }
  }

  private static boolean mayStart(char c) {
    return "sgxphywrndtlASG".indexOf(c) >= 0;
  }

  /** Where the key ends; 0 where there is none. */
  private static int end(String text, int from, Prefix prefix) {
    int begun = runEnd(text, from, Math.min(text.length(), from + LONG_ENOUGH), prefix);
    boolean isKey =
        begun - from >= prefix.minimum
            && (!prefix.hasDigit || Characters.hasDigit(text, from, begun))
            && !isSlug(text, from, begun);
    return isKey ? runEnd(text, begun, text.length(), prefix) : 0;
  }

  /** Whether it is of words and years with hyphens between them, as in the title of a page. */
  private static boolean isSlug(String text, int from, int end) {
    int start = from;
    for (int i = from; i <= end; i++) {
      if (i == end || text.charAt(i) == '-') {
        boolean number = i - start <= LONGEST_YEAR;
        boolean word = i - start <= LONGEST_WORD;
        for (int at = start; at < i; at++) {
          number &= Characters.isDigit(text.charAt(at));
          word &= Characters.isLetter(text.charAt(at)) && !Characters.isUpper(text.charAt(at));
        }
        if (!number && !word) {
          return false;
        }
        start = i + 1;
      }
    }
    return true;
  }

  private static int runEnd(String text, int from, int limit, Prefix prefix) {
    int end = from;
    while (end < limit && prefix.allows(text.charAt(end))) {
      end++;
    }
    return end;
  }
}
