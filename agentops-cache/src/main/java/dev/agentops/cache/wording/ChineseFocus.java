package dev.agentops.cache.wording;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the question in a Chinese text: drops small talk and sets the story before it apart. */
final class ChineseFocus {

  private static final Pattern SENTENCE = Pattern.compile("(?<=[。！？!?；;…~～\n])");
  private static final Pattern CLAUSE = Pattern.compile("(?<=[，,：:])");

  private static final Pattern LEAD =
      Pattern.compile(
          "^\\s*(?:"
              + String.join(
                  "|",
                  "(?:我|本人|咱)?(?:就|只|也)?(?:想|要|需要)?(?:跟|向|和|找)?(?:你|您|你们|各位|大家)?(?:打听|请教|咨询|请问|求问|问)(?:一下|下|问|个问题)?",
                  "(?:麻烦|烦请|劳烦|拜托|请)(?:你|您)?(?:们)?(?:帮我|帮忙|替我|给我)?",
                  "(?:能不能|可不可以|能否|可否|可以|能)(?:请|麻烦)?(?:你|您)(?:们)?(?:帮我|帮忙|替我|给我|告诉我)?",
                  "(?:有没有人|有人|有谁|谁)(?:知道|懂|了解|清楚)",
                  "(?:我|本人)?(?:也|一直|还|真的|实在|完全)?(?:不知道|不清楚|不明白|不懂|不了解|搞不懂|搞不清楚?|弄不懂|忘了|忘记了?|想知道|想了解)(?=.*(?:怎|如何|什么|哪|为何|多|几|谁|是否|能不能))")
              + ")");

  private static final Pattern TALK =
      Pattern.compile(
          "(?:各位|大家|诸位|大佬|大神|大厨|老师|前辈|高手|朋友|小姐姐|小哥哥|客服|亲|们|你|您|我|本人|咱|好|早|嗨|哈喽|哈|嗯|呃|额|哎|唉|哦|呀|啦|啊|呢|嘛|吧"
              + "|的|了|又|来|先|再|还|就|也|是|一|枚|个|名|位|只|刚|点|有点|有些|可能|完全|纯|真的|实在|太|很|非常|十分|万分|特别|新手|小白|菜鸟|萌新|外行|门外汉|初学者"
              + "|不好意思|抱歉|对不起|打扰|打搅|麻烦|辛苦|谢|感谢|多谢|感激|劳驾|拜托|求助|求解|请教|请|问|问题|傻|笨|蠢|低级|基础|简单|冒昧|唐突|一下|下|不|懂|会|知道"
              + "|急|在线等|帮|忙|耽误|时间|给|添|顺便|随口|那个|这个|话说|想|大概|弱弱|地|得|跟|对|这|方面|提前|期待|回复|祝|生活|愉快|工作|顺利)++");
  private static final Pattern TALK_WORD =
      Pattern.compile(
          "好|早|嗨|哈喽|嗯|呃|额|哎|唉|新手|小白|菜鸟|萌新|外行|门外汉|初学者|不好意思|抱歉|对不起|打扰|打搅|麻烦|辛苦|谢|感激|劳驾|拜托|求助|求解|请教|傻|笨|蠢|冒昧|唐突|急|在线等|顺便|亲|大佬|大神|大厨|各位|愉快|顺利");
  private static final Pattern UNSKILLED =
      Pattern.compile("[哎唉呀嗯…]*(?:我|本人).{0,6}(?:太差|很差|不好|不太好|不行|不太懂|不擅长|零基础|刚入门|记性差)(?:了|啦)?");

  private static final Pattern ASKS =
      Pattern.compile(
          ".*(?:[?？]|怎么|怎样|如何|什么|吗|哪|多少|几|为何|谁|能否|是否|能不能|可不可以|多久|多大|多长)[^。]*", Pattern.DOTALL);
  private static final Pattern RESTRICTS =
      Pattern.compile(
          "(?:我|我们|我家|本人|孩子|老婆|老公|爸爸|妈妈)(?:是|有(?!没有)|住|患|得了|怀|今年|属于|对)|岁|孕|过敏|糖尿病|高血压|如果|要是|除了|除非|只|用的是");
  private static final Pattern INSTRUCTS =
      Pattern.compile("(?:请|帮我|用|以|按|把|翻译|总结|写|回答|假设|给我|列出|比较|不要|只).*", Pattern.DOTALL);

  private ChineseFocus() {}

  static Focus of(String text) {
    if (text.matches("(?s).*[\"\u201c\u201d「」《》`{}].*")) {
      return Focus.all(text);
    }
    List<String> sentences = new ArrayList<>();
    for (String sentence : SENTENCE.split(text)) {
      String rest = withoutTalk(sentence);
      if (ChineseTokens.of(rest).size() > 0) {
        sentences.add(rest);
      }
    }
    if (sentences.isEmpty()) {
      return Focus.all(text);
    }
    List<String> asked = sentences.stream().filter(s -> ASKS.matcher(s).matches()).toList();
    List<String> told = sentences.stream().filter(s -> !ASKS.matcher(s).matches()).toList();
    boolean instructs = told.stream().anyMatch(s -> INSTRUCTS.matcher(s).matches());
    if (asked.isEmpty() || told.isEmpty() || instructs) {
      return Focus.all(String.join("", sentences));
    }
    String story = String.join("", told);
    return new Focus(
        String.join("", asked), story, RESTRICTS.matcher(story).find(), String.join("", sentences));
  }

  private static String withoutTalk(String sentence) {
    List<String> clauses = new ArrayList<>(Arrays.asList(CLAUSE.split(sentence)));
    while (!clauses.isEmpty() && isTalk(clauses.get(0))) {
      clauses.remove(0);
    }
    while (clauses.size() > 1 && isTalk(clauses.get(clauses.size() - 1))) {
      clauses.remove(clauses.size() - 1);
    }
    String rest = String.join("", clauses);
    Matcher lead = LEAD.matcher(rest);
    while (lead.find() && lead.end() > 0 && lead.end() < rest.length()) {
      rest = rest.substring(lead.end());
      lead = LEAD.matcher(rest);
    }
    return rest;
  }

  private static boolean isTalk(String clause) {
    String bare = clause.replaceAll("[\\p{P}\\p{S}\\s]", "");
    return bare.isEmpty()
        || UNSKILLED.matcher(bare).matches()
        || (TALK.matcher(bare).matches() && TALK_WORD.matcher(bare).find());
  }
}
