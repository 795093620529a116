package dev.agentops.examples.llm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The answers that need no tool: they use the dialogue, and claim no knowledge beyond it. */
final class SmallTalk {
  private static final int LONGEST_COUNT = 1000;

  private static final Pattern TOLD_NAME =
      Pattern.compile(
          "(?i:\\b(?:my name is|my name's|call me|i am called))\\s+(\\p{L}[\\p{L}'-]*(?:"
              + " \\p{Lu}[\\p{L}'-]*)?)|(?i:\\b(?:i am|i'm))\\s+(\\p{Lu}[\\p{L}'-]+)");
  private static final Pattern ASKS_NAME = words("what(?:'s| is) my name|who am i|my name\\?");
  private static final Pattern ASKS_SELF =
      words(
          "who are you|what are you|what can you do|your name|are you (?:a|an|human|real)\\b.*|"
              + "what model.*|how can you help.*|help");
  private static final Pattern ASKS_HISTORY =
      words(
          "summari[sz]e (?:our|the|this) (?:chat|conversation|dialogue|discussion)|what"
              + " (?:did|have) (?:i|we) (?:say|said|ask|asked|tell|told|talk|talked|discuss).*");
  private static final Pattern SUMMARISE =
      Pattern.compile(
          "^(?:please )?(?:summari[sz]e|sum up)\\b[^:\\n]*(?::|\\n)\\s*(.+)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern REPEAT =
      Pattern.compile(
          "^(?:please )?(?:repeat|echo|say|(?:reply|answer|respond) (?:only )?with)"
              + "(?: (?:after me|exactly|this|the words?))*\\s*:?\\s+[\"“']?(.+?)[\"”']?$",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern COUNT =
      Pattern.compile(
          "\\bcount (?:from 1 |from one )?(?:up )?to (\\d{1,4})\\b", Pattern.CASE_INSENSITIVE);
  private static final Pattern THANKS = words("thanks|thank you|thx|cheers");
  private static final Pattern BYE = words("bye|goodbye|good night|see you");
  private static final Pattern HOW_ARE_YOU = words("how are you|how do you do|how is it going");
  private static final Pattern GREETING =
      Pattern.compile(
          "^(?:hi|hello|hey|good (?:morning|afternoon|evening|day))\\b", Pattern.CASE_INSENSITIVE);

  private final Conversation talk;
  private final List<Wire.Function> tools;

  SmallTalk(Conversation talk, List<Wire.Function> tools) {
    this.talk = talk;
    this.tools = tools;
  }

  String answer() {
    List<Function<String, Optional<String>>> rules =
        List.of(
            this::fromContext,
            this::repeat,
            this::count,
            this::history,
            this::summary,
            this::name,
            this::self,
            this::memory,
            this::manners);
    return rules.stream()
        .flatMap(rule -> rule.apply(talk.question()).stream())
        .findFirst()
        .orElseGet(this::honestly);
  }

  private Optional<String> fromContext(String question) {
    if (talk.context().isEmpty()) {
      return Optional.empty();
    }
    String best = Text.bestSentence(Text.sentences(talk.context()), question, 0);
    return Optional.of(
        best == null
            ? "The information I was given does not answer that."
            : "According to the information I was given: " + best);
  }

  private Optional<String> repeat(String question) {
    Matcher matcher = REPEAT.matcher(question);
    return matcher.find() ? Optional.of(matcher.group(1).strip()) : Optional.empty();
  }

  private Optional<String> count(String question) {
    Matcher matcher = COUNT.matcher(question);
    if (!matcher.find()) {
      return Optional.empty();
    }
    int last = Math.min(LONGEST_COUNT, Integer.parseInt(matcher.group(1)));
    return Optional.of(
        IntStream.rangeClosed(1, last).mapToObj(String::valueOf).collect(Collectors.joining(" ")));
  }

  private Optional<String> history(String question) {
    if (!ASKS_HISTORY.matcher(question).find()) {
      return Optional.empty();
    }
    return Optional.of(
        talk.statements().isEmpty()
            ? "This is the first thing you have said to me."
            : "You said: "
                + talk.statements().stream().map(Text::quote).collect(Collectors.joining("; "))
                + ".");
  }

  private Optional<String> summary(String question) {
    Matcher matcher = SUMMARISE.matcher(question);
    if (!matcher.find()) {
      return Optional.empty();
    }
    String text = matcher.group(1);
    String best = Text.bestSentence(Text.sentences(text), text, 0);
    return Optional.of("The sentence that says most: " + (best == null ? text : best));
  }

  private Optional<String> name(String question) {
    Optional<String> known = knownName();
    if (ASKS_NAME.matcher(question).find()) {
      return Optional.of(
          known.map(n -> "Your name is " + n + ".").orElse("You have not told me your name."));
    }
    return TOLD_NAME.matcher(question).find() && !question.endsWith("?")
        ? known.map(n -> "Nice to meet you, " + n + ". I will remember it in this conversation.")
        : Optional.empty();
  }

  private Optional<String> self(String question) {
    return ASKS_SELF.matcher(question).find() ? Optional.of(introduction()) : Optional.empty();
  }

  /** Looks for what the user said before on the same subject. */
  private Optional<String> memory(String question) {
    if (!Clauses.asksForKnowledge(question)) {
      return Optional.empty();
    }
    List<String> said = new ArrayList<>();
    for (String statement : talk.statements()) {
      Text.sentences(statement).stream().filter(s -> !s.endsWith("?")).forEach(said::add);
    }
    return Optional.ofNullable(Text.bestSentence(said, question, 0.6))
        .map(best -> "You told me: " + Text.quote(best));
  }

  private Optional<String> manners(String question) {
    if (HOW_ARE_YOU.matcher(question).find()) {
      return Optional.of("I am running, thank you. " + introduction());
    }
    if (THANKS.matcher(question).find()) {
      return Optional.of("You are welcome.");
    }
    if (BYE.matcher(question).find()) {
      return Optional.of("Goodbye" + address() + ".");
    }
    return GREETING.matcher(question).find()
        ? Optional.of("Hello" + address() + "! " + introduction())
        : Optional.empty();
  }

  private String honestly() {
    if (!Arithmetic.expressions(talk.question(), talk.lastAnswer()).isEmpty()) {
      return "I was given no tool for arithmetic, and I do not guess at "
          + Text.quote(talk.question())
          + ".";
    }
    return "I am a small local rule-based model and know nothing myself about "
        + Text.quote(talk.question())
        + ". "
        + abilities();
  }

  private String introduction() {
    return "I am a small local rule-based model. " + abilities();
  }

  private String abilities() {
    String names = tools.stream().map(Wire.Function::name).collect(Collectors.joining(", "));
    return tools.isEmpty()
        ? "I can remember what you tell me and, when I am given tools, call them."
        : "I can remember what you tell me and call the tools I was given: " + names + ".";
  }

  private String address() {
    return knownName().map(name -> ", " + name).orElse("");
  }

  /** Returns the name the user told last. */
  private Optional<String> knownName() {
    List<String> said = new ArrayList<>(talk.statements());
    said.add(talk.question());
    return said.stream()
        .flatMap(text -> TOLD_NAME.matcher(text).results())
        .map(match -> match.group(1) == null ? match.group(2) : match.group(1))
        .reduce((first, second) -> second);
  }

  private static Pattern words(String alternatives) {
    return Pattern.compile("\\b(?:" + alternatives + ")(?!\\w)", Pattern.CASE_INSENSITIVE);
  }
}
