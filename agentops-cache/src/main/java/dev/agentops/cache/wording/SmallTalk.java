package dev.agentops.cache.wording;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Tells courtesies, greetings and talk about oneself from what a question is about. */
final class SmallTalk {

  private static final int LONGEST = 14;

  /** At least one of these stands in a clause of small talk. */
  private static final Set<String> TALK =
      words(
          "hi hello hey hiya howdy greetings folks guys dear sorry apologies apologize pardon"
              + " excuse forgive thanks thank thx ty cheers please pls plz kindly appreciate"
              + " appreciated grateful regards wishes sincerely yours hope hoping bother bothering"
              + " disturb disturbing interrupt interrupting trouble bug bugging question silly dumb"
              + " stupid naive noob newbie beginner novice amateur expert wondering curious um umm"
              + " uh er hmm argh ugh oh wow lol haha omg gosh yikes okay anyway honestly confused"
              + " stumped clueless brain fried tongue forget forgot ask asking mind advance"
              + " patience patient bear curiosity btw quick curious q ta tia nuts mad crazy");

  /** These may stand beside them. */
  private static final Set<String> BESIDE =
      words(
          "i you we it is are am be been was were me my your us this that these the a an of to in"
              + " on at for with from if so but and or not no too much very really just total"
              + " totally complete completely absolute here there before have has had having do"
              + " does did can could would will may might one any some all up out again about"
              + " now still guess know mean think basic total bit little lot many million so"
              + " great nice lovely good best kind kindest warm well fine ok right everyone"
              + " everybody team support friend friends mate buddy sir madam day weekend week"
              + " morning afternoon evening today time moment minute sec second tip way find finds"
              + " message email note help helping when get gets got soon by asap possible"
              + " probably maybe perhaps keep always never what s out stuck lost blank tired today"
              + " understand beforehand look looking forward hear hearing reply answer spare free driving always been");

  private static final Pattern GREETING =
      Pattern.compile(
          "(?:good )?(?:morning|afternoon|evening|day)(?: (?:all|everyone|team|there))?");

  private static final Pattern UNSKILLED =
      Pattern.compile(
          "(?:i|we|am|being|total|complete|still|sorry|pretty|very|bit|a).*\\b(?:(?:new|hopeless|bad"
              + "|terrible|useless|rubbish|awful) (?:to|at|with)|no (?:expert|good|genius|pro)"
              + " (?:in|on|at|with)|not (?:very |so |too |that )?(?:good|great) (?:at|with)|clueless"
              + " about) .*");

  private static final Pattern PRAISE =
      Pattern.compile(
          "(?:(?:i )?(?:really )?(?:love|like|enjoy)|(?:what a |such a )?(?:lovely|great|nice"
              + "|awesome|amazing|cool|fantastic|wonderful)) (?:your )?(?:new )?(?:site|website|app"
              + "|service|work|job|shop|store|page|blog|product|products|company|team)(?: by the way"
              + "| btw| so much| a lot)?");

  private static final Pattern POLITE_IF =
      Pattern.compile(
          "(?:if|when|whenever) .*\\b(?:ask|bother|trouble|mind|ok|okay|possible|moment|minute|sec"
              + "|second|chance|time|please|dumb|silly|stupid|question)\\b.*");

  private SmallTalk() {}

  /** Whether a clause, split into its words, says nothing about what is asked. */
  static boolean is(List<String> words) {
    String clause = String.join(" ", words);
    if (words.isEmpty() || GREETING.matcher(clause).matches()) {
      return true;
    }
    if (words.size() > LONGEST || clause.chars().anyMatch(Character::isDigit)) {
      return false;
    }
    if (UNSKILLED.matcher(clause).matches() || PRAISE.matcher(clause).matches()) {
      return true;
    }
    if (clause.matches("(?:if|when|whenever|unless) .*") && !POLITE_IF.matcher(clause).matches()) {
      return false;
    }
    return words.stream().allMatch(word -> TALK.contains(word) || BESIDE.contains(word))
        && (words.stream().anyMatch(TALK::contains) || POLITE_IF.matcher(clause).matches());
  }

  private static Set<String> words(String words) {
    return Set.copyOf(List.of(words.split(" ")).stream().distinct().toList());
  }
}
