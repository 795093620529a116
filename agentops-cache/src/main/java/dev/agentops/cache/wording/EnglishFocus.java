package dev.agentops.cache.wording;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the question in an English text: drops small talk and sets the story before it apart. */
final class EnglishFocus {

  private static final Pattern SENTENCE =
      Pattern.compile(
          "(?<=[.!?\u2026])(?<!\\b(?:[DdMm]r|[Mm]rs|[Mm]s|[Pp]rof|[Ss]t|vs|[Nn]o|[A-Z]|e\\.g|i\\.e|etc)\\.)"
              + "\\s+|\\n+|(?<=;)\\s+");
  private static final Pattern CLAUSE =
      Pattern.compile("(?<=[,:])\\s+|\\s+(?=[-\u2013\u2014]+\\s)");
  private static final Pattern SIGNED =
      Pattern.compile(
          "(?i).*\\b(?:regards|wishes|sincerely|cheers|thanks|thank you|best|yours),?\\s*");

  private static final Pattern SIGNATURE =
      Pattern.compile(
          "(?:(?:[Kk]ind|[Bb]est|[Ww]arm|[Mm]any) )*(?:[Rr]egards|[Ww]ishes|[Cc]heers|[Tt]hanks"
              + "|[Tt]hank you|[Bb]est|[Ss]incerely|[Yy]ours(?: truly| sincerely)?),? +"
              + "\\p{Lu}\\w+(?: \\p{Lu}\\w+)?[.!]?");

  private static final String WH =
      "(?=(?:how|what|where|when|why|which|who|whom|whose|if|whether)\\b)";

  /** Words before what is asked, none of which a question is about. */
  private static final Pattern LEAD =
      Pattern.compile(
          "(?i)^[-\u2013\u2014,\\s]*(?:"
              + String.join(
                  "|",
                  "(?:so|well|and|but|oh|ok|okay|um+|uh+|now|please|pls|plz|actually|basically)[,\\s]+",
                  "(?:could|can|would|will|might) (?:you|u)(?: (?:all|guys|folks|maybe|perhaps"
                      + "|possibly|please|pls|kindly|quickly|just))+\\s+",
                  "(?:could|can|would|will|might) (?:someone|somebody|anyone|anybody)(?: (?:here"
                      + "|maybe|perhaps|possibly|please|kindly|quickly|just))*"
                      + " (?=(?:tell|explain|show|help|remind|teach)\\b)",
                  "(?:could|can|would|will) (?:you|u)(?: please| kindly)? (?=be (?:a|an|so)\\b)",
                  "(?:still )?(?:not sure|unsure)(?: about)?,?\\s+" + WH,
                  "be (?:a|an|so) \\w+ (?:and|as to)\\s+",
                  "(?:tell|show|remind|teach) (?:me|us)(?: again| please| quickly)?,?\\s+" + WH,
                  "(?:i|we)(?: would|'d) be (?:\\w+ )?(?:grateful|thankful|glad|happy|obliged)"
                      + " if you (?:could|would|can)\\s+",
                  "(?:i|we)(?: would|'d)(?: really| very much)? appreciate it if you"
                      + " (?:could|would|can)\\s+",
                  "(?:(?:i|we)(?:'ve| have|'m| am| was| are|'re)?\\s+)?(?:(?:been|really|just|always"
                      + "|also|honestly|still)\\s+)*(?:wondering|wonder|curious|unsure|clueless)"
                      + "(?: about)?,?\\s+"
                      + WH,
                  "(?:i|we)(?: (?:really|just|honestly|still|simply))*(?: have no (?:idea|clue)"
                      + "| do(?: not|n't) (?:know|understand|remember|get|see)| can(?:'t|not| not)"
                      + " (?:remember|figure out|work out|tell|recall|see)| forgot|'m not sure"
                      + "| am not sure|(?: would|'d) (?:like|love) to (?:know|find out|understand"
                      + "|learn)| (?:need|want) to (?:know|find out))(?: about)?,?\\s+"
                      + WH,
                  "(?:any (?:idea|clue)|do you(?: happen to)? know|(?:does )?any(?:one|body)(?: here)?"
                      + " knows?),?\\s+"
                      + WH)
              + ")");

  private static final Pattern ASKS =
      Pattern.compile(
          "(?i)(?:.*\\?\\s*|(?:how|what|where|when|why|which|who|whose|is|are|do|does|did|can|could"
              + "|should|would|will|may|must) .*)");
  private static final Pattern INSTRUCTS =
      Pattern.compile(
          "(?i)(?:please )?(?:answer|give|write|reply|respond|use|translate|summari[sz]e|assume"
              + "|explain|keep|make|list|show|tell|speak|act|imagine|suppose|pretend|consider|note"
              + "|include|exclude|ignore|only|be|do|don't|format|return|output|compare|take|let"
              + "|say|read|add|remove|set|send|find|check|given|without|with|unless|if) .*");

  /** Tells who asks, or what holds for the one who does. */
  private static final Pattern STATE =
      Pattern.compile(
          "\\b(?:i|we|my \\w+|our \\w+) (?:am|are|is|have|has|live|use|own|speak|run|suffer|belong)"
              + " (?!(?:just|already|now|recently|been|got|never|\\w+ing|\\w+ed|left|told|put|lost"
              + "|bought|taken|made|sent|found|broken|forgotten)\\b)");

  private static final Pattern CONDITION =
      Pattern.compile(
          "\\b(?:if|unless|except|only|assuming|provided|allergic|allergy|pregnant|diabetic|vegan"
              + "|vegetarian|disabled|minor)\\b");

  private EnglishFocus() {}

  static Focus of(String text) {
    if (text.matches("(?s).*[\"\u201c\u201d`{}].*")) {
      return Focus.all(text);
    }
    List<String> sentences = new ArrayList<>();
    boolean signed = false;
    for (String sentence : SENTENCE.split(text.replace('\u2019', '\''))) {
      boolean name =
          SIGNATURE.matcher(sentence).matches() || (signed && words(sentence).size() <= 2);
      String rest = name ? "" : withoutTalk(sentence);
      signed = SIGNED.matcher(sentence).matches();
      if (!rest.isBlank()) {
        sentences.add(rest);
      }
    }
    if (sentences.isEmpty()) {
      return Focus.all(text);
    }
    List<String> asked = sentences.stream().filter(s -> ASKS.matcher(s).matches()).toList();
    List<String> told = sentences.stream().filter(s -> !ASKS.matcher(s).matches()).toList();
    if (asked.isEmpty() || told.isEmpty() || told.stream().anyMatch(EnglishFocus::instructs)) {
      return Focus.all(String.join(" ", sentences));
    }
    String story = String.join(" ", told);
    String plain = String.join(" ", words(story));
    boolean restricts = STATE.matcher(plain).find() || CONDITION.matcher(plain).find();
    return new Focus(String.join(" ", asked), story, restricts, String.join(" ", sentences));
  }

  private static boolean instructs(String sentence) {
    return INSTRUCTS.matcher(sentence).matches();
  }

  /**
   * A sentence without the clauses of small talk at its ends, and without the words that lead in.
   */
  private static String withoutTalk(String sentence) {
    List<String> clauses = new ArrayList<>(Arrays.asList(CLAUSE.split(sentence.strip())));
    while (!clauses.isEmpty() && isTalk(clauses.get(0))) {
      clauses.remove(0);
    }
    while (clauses.size() > 1
        && (isTalk(clauses.get(clauses.size() - 1)) || isSignature(clauses))) {
      String last = clauses.remove(clauses.size() - 1);
      boolean asks = last.strip().endsWith("?");
      String before = clauses.get(clauses.size() - 1).replaceFirst("[,:]$", "");
      clauses.set(clauses.size() - 1, asks ? before + "?" : before);
    }
    String rest = String.join(" ", clauses);
    Matcher lead = LEAD.matcher(rest);
    while (lead.find()) {
      rest = rest.substring(lead.end());
      lead = LEAD.matcher(rest);
    }
    return rest;
  }

  private static boolean isSignature(List<String> clauses) {
    return words(clauses.get(clauses.size() - 1)).size() <= 2
        && isTalk(clauses.get(clauses.size() - 2))
        && SIGNED.matcher(clauses.get(clauses.size() - 2)).matches();
  }

  private static boolean isTalk(String clause) {
    List<Token> tokens = EnglishTokens.of(clause);
    boolean named =
        tokens.stream()
            .anyMatch(token -> token.capital() && !token.first() && !token.text().equals("i"));
    List<String> words = tokens.stream().map(Token::text).toList();
    return !named && SmallTalk.is(words)
        || clause.matches("(?i)(?:dear|hi|hello|hey) (?:\\w+ ){0,2}\\w+,");
  }

  private static List<String> words(String text) {
    return EnglishTokens.of(text).stream().map(Token::text).toList();
  }
}
