package dev.agentops.cache.wording;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SemanticGuardTest {

  private static final String ENGLISH = "all-minilm-l6-v2-q";
  private static final String CHINESE = "bge-small-zh-v15-q";

  private final SemanticGuard guard = new SemanticGuard();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          NUMBER    | Divide 84 by 7.                  | Divide 84 by 6.
          NUMBER    | Wait 10 seconds.                 | Wait 10 minutes.
          NUMBER    | Gate B12?                        | Gate B21?
          TIME      | Book it for Tuesday.             | Book it for Thursday.
          TIME      | When is the rent due?            | When was the rent due?
          NAME      | Where is the Dallas office?      | Where is the Denver office?
          NAME      | Say "blue sky" in Czech.         | Say "red sky" in Czech.
          NEGATION  | Which plants tolerate frost?     | Which plants don't tolerate frost?
          NEGATION  | Which files are encrypted?       | Which files are unencrypted?
          OPPOSITE  | How do I enable dark mode?       | How do I disable dark mode?
          OPPOSITE  | Turn the lights on.              | Turn the lights off.
          DIRECTION | Drive from Oslo to Bergen.       | Drive from Bergen to Oslo.
          DIRECTION | Can a tenant sue a landlord?     | Can a landlord sue a tenant?
          DIRECTION | Is Python faster than Ruby?      | Is Ruby faster than Python?
          DIRECTION | Who called Anna?                 | Who did Anna call?
          DIRECTION | Can a club ban a player?         | Can a club be banned by a player?
          QUANTITY  | Are all employees insured?       | Are some employees insured?
          MODALITY  | Can I wear a helmet?             | Must I wear a helmet?
          PERSON    | Where is my brother?             | Where is your brother?
          ASPECT    | Why did the war begin?           | When did the war begin?
          ASPECT    | Can I get a refund?              | How do I get a refund?
          CONTENT   | Can I drive a van?               | Can I drive a van if I am tired?
          CONTENT   | How do I boil rice?              | How do I boil potatoes?
          """)
  void check_oneDifference_saysWhich(Difference difference, String stored, String asked) {
    assertThat(guard.check(stored, asked, ENGLISH, 0.99).difference()).isEqualTo(difference);
    assertThat(guard.check(asked, stored, ENGLISH, 0.99).difference()).isEqualTo(difference);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          How do I delete my account?      | How can I remove my account?
          What's the wifi password?        | Hi, sorry to disturb you, what is the wifi password please?
          Remind me in 90 minutes.         | Remind me in 1.5 hours.
          Is wild camping legal in Norway? | In Norway, is wild camping legal?
          When will you refund my deposit? | When will my deposit be refunded?
          What is the ETA of the parcel?   | What is the estimated time of arrival of the parcel?
          Waht is the captial of Austria?  | What is the capital of Austria?
          Why isn't my microphone working? | Why is my microphone not working?
          How does photosynthesis work?    | Tell me how photosynthesis works.
          How is a circle's area computed? | How is the area of a circle computed?
          Add salt, pepper and oil.        | Add oil, pepper and salt.
          """)
  void check_sameInOtherWords_agrees(String stored, String asked) {
    assertThat(guard.check(stored, asked, ENGLISH, 0.6)).isEqualTo(Verdict.AGREES);
    assertThat(guard.check(asked, stored, ENGLISH, 0.6)).isEqualTo(Verdict.AGREES);
  }

  @ParameterizedTest
  @CsvSource({
    "NUMBER, 订单 20981 到哪了?, 订单 20918 到哪了?",
    "NUMBER, 定时 10 秒, 定时 10 分钟",
    "TIME, 今天天气怎么样?, 明天天气怎么样?",
    "NEGATION, 哪些药可以一起吃?, 哪些药不可以一起吃?",
    "OPPOSITE, 怎么打开定位?, 怎么关闭定位?",
    "DIRECTION, 从上海到苏州怎么走?, 从苏州到上海怎么走?",
    "DIRECTION, 谁打了小明?, 小明打了谁?",
    "MODALITY, 我可以提前还款吗?, 我必须提前还款吗?",
    "PERSON, 他几岁?, 她几岁?",
    "ASPECT, 为什么要开会?, 什么时候开会?",
    "CONTENT, 怎么做红烧肉?, 怎么做红烧鱼?"
  })
  void check_oneDifferenceInChinese_saysWhich(Difference difference, String stored, String asked) {
    assertThat(guard.check(stored, asked, CHINESE, 0.99).difference()).isEqualTo(difference);
    assertThat(guard.check(asked, stored, CHINESE, 0.99).difference()).isEqualTo(difference);
  }

  @ParameterizedTest
  @CsvSource({
    "怎样修改密码?, 如何更改密码?",
    "半小时后叫我, 三十分钟后叫我",
    "转账 1 万元要手续费吗?, 转账 10000 元要手续费吗?",
    "谁发明了电灯?, 电灯是被谁发明的?",
    "附近有银行吗?, 您好，麻烦问一下附近有银行吗？谢谢！"
  })
  void check_sameInOtherChineseWords_agrees(String stored, String asked) {
    assertThat(guard.check(stored, asked, CHINESE, 0.6)).isEqualTo(Verdict.AGREES);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          How do I descale a kettle?  | Total newbie here. Could anyone kindly explain how to descale a kettle? Thanks!
          Set an alarm for 6 am.      | Would you be an angel and set an alarm for 6 am?
          How do I export my contacts? | Hello, I'd appreciate it if you could explain how to export my contacts. Best wishes, Tom
          How do I prune roses?       | Not sure how to prune roses.
          How do I unclog a sink?     | The water in the sink hasn't been draining since Sunday. I tried hot water. How do I unclog it?
          Can I freeze mushrooms?     | I bought far too many mushrooms yesterday. Can I freeze them?
          How does one tie a bow?     | How do you tie a bow?
          """)
  void check_smallTalkOrStoryAround_agrees(String stored, String asked) {
    assertThat(guard.check(stored, asked, ENGLISH, 0.6)).isEqualTo(Verdict.AGREES);
    assertThat(guard.check(asked, stored, ENGLISH, 0.6)).isEqualTo(Verdict.AGREES);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Can I take ibuprofen?        | I'm pregnant. Can I take ibuprofen?
          Can I take ibuprofen?        | I'm pregnant, can I take ibuprofen?
          Can I vote?                  | I am 16 years old. Can I vote?
          What does this word mean?    | Answer in German. What does this word mean?
          Where is the station?        | Translate into French: where is the station?
          How do I reset the router?   | We bought it from Asus. How do I reset the router?
          What should I eat at night?  | As a diabetic, what should I eat at night?
          What do I feed a cat?        | We found a hedgehog near our cat. What do I feed a hedgehog?
          How do you feel?             | How do I feel?
          """)
  void check_storyThatChangesTheAnswer_differs(String stored, String asked) {
    assertThat(guard.check(stored, asked, ENGLISH, 0.99).agrees()).isFalse();
    assertThat(guard.check(asked, stored, ENGLISH, 0.99).agrees()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Remind me in 90 minutes.          | Remind me in an hour and a half.
          Remind me in 150 minutes.         | Remind me in two and a half hours.
          Can I stay for a year?            | Can I stay for 12 months?
          Is a stay of 2 weeks possible?    | Is a stay of a fortnight possible?
          Set the rate to 1 gbit/s.         | Set the rate to 1000 mbit/s.
          Take the pill twice a day.        | Take the pill two times a day.
          Can I go to Oman visa-free?       | Can I go to Oman without a visa?
          Book a desk at 3 o'clock.         | Book a desk at 3 pm.
          Pay a quarter of the price.       | Pay 25% of the price.
          Turn off the lamp.                | Switch the lamp off.
          """)
  void check_sameAmount_agrees(String stored, String asked) {
    assertThat(guard.check(stored, asked, ENGLISH, 0.9)).isEqualTo(Verdict.AGREES);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Can I stay for a year?         | Can I stay for a month?
          Book a desk at 3 o'clock.      | Book a desk at 4 pm.
          Add two cups of flour.         | Add two and a half cups of flour.
          Is half of it refundable?      | Is a quarter of it refundable?
          Open the third chapter.        | Open the fourth chapter.
          Open it this morning.          | Open it this evening.
          """)
  void check_otherAmount_differs(String stored, String asked) {
    assertThat(guard.check(stored, asked, ENGLISH, 0.99).agrees()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          wen does the libary open    | When does the library open?
          is it open tommorow         | Is it open tomorrow?
          cancle my gim pass          | Cancel my gym pass.
          wat is in a carot cake      | What is in a carrot cake?
          """)
  void check_misspelt_agrees(String stored, String asked) {
    assertThat(guard.check(stored, asked, ENGLISH, 0.6)).isEqualTo(Verdict.AGREES);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          How do I install ssh?     | How do I install ssl?
          What is nitrate?          | What is nitrite?
          Sign me up for yoga.      | Sign me out of yoga.
          Turn the oven on.         | Turn the oven off.
          How do I train a horse?   | How do I take a horse on a train?
          """)
  void check_wordsThatOnlyLookAlike_differs(String stored, String asked) {
    assertThat(guard.check(stored, asked, ENGLISH, 0.99).agrees()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          西红柿怎么种?       | 大家好,我是新手,想请教一下西红柿怎么种?谢谢啦
          怎么申请退税?       | 我不知道怎么申请退税
          怎么去除冰箱异味?   | 上周我把海鲜忘在冰箱里,味道很大。怎么去除冰箱异味?
          周末医院开门吗?     | 周末医院开不开门?
          哪里有买蛋糕的店    | 那里有买蛋高的店
          怎么重置密码?       | 怎么重制秘码?
          下午三点开会        | 下午 3:00 开会
          早上八点半叫我      | 早上 8:30 叫我
          """)
  void check_smallTalkStoryOrSlipInChinese_agrees(String stored, String asked) {
    assertThat(guard.check(stored, asked, CHINESE, 0.9)).isEqualTo(Verdict.AGREES);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          我可以吃阿司匹林吗?    | 我怀孕了。我可以吃阿司匹林吗?
          李晓明的电话是多少?    | 李小敏的电话是多少?
          陕西的省会是哪里?      | 山西的省会是哪里?
          怎么买股票?            | 怎么卖股票?
          朗读第一章             | 朗读整本书
          明天早上七点叫我       | 明天早上八点叫我
          """)
  void check_lookOrSoundAlikeInChinese_differs(String stored, String asked) {
    assertThat(guard.check(stored, asked, CHINESE, 0.9).agrees()).isFalse();
  }

  @Test
  void check_smallTalkWithoutEnd_endsSoon() {
    String english = "so sorry to ask, ".repeat(40);
    String chinese = "一下问问题".repeat(150);

    assertThat(guard.check(english + "why?", "why?", ENGLISH, 1)).isNotNull();
    assertThat(guard.check(chinese + "猫", "猫", CHINESE, 1)).isNotNull();
  }

  @Test
  void check_farInOtherWords_needsTheCosine() {
    String stored = "What time is the stand-up with Nina on Monday?";
    String asked = "At what hour do Nina and the others hold Monday's stand-up?";

    assertThat(guard.check(stored, asked, ENGLISH, 0.4).agrees()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          How do I stop my shoes from squeaking? | What helps against sneakers that make noise at each step? | 0.60 | 0.55
          My hamster bites its cage bars. | What makes a hamster gnaw at the metal of its home? | 0.66 | 0.55
          Water the plants on the balcony. | Give the balcony flowers and shrubs some water. | 0.70 | 0.60
          怎样给自行车换轮胎? | 单车的外胎磨坏了,更换的步骤有哪些? | 0.75 | 0.65
          """)
  void check_manyWordsForOthers_cosineDecides(
      String stored, String asked, double enough, double tooLittle) {
    String space = Script.of(stored) == Script.HAN ? CHINESE : ENGLISH;

    assertThat(guard.check(stored, asked, space, enough)).isEqualTo(Verdict.AGREES);
    assertThat(guard.check(asked, stored, space, enough)).isEqualTo(Verdict.AGREES);
    assertThat(guard.check(stored, asked, space, tooLittle).difference())
        .isEqualTo(Difference.MEANING);
    assertThat(guard.check(stored, asked, "a model nobody calibrated", enough).agrees()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "How do I cook lentils?, What is the best way to prepare chickpeas?, CONTENT",
    "What is a tide?, Explain tides with an example., CONTENT",
    "Delete this photo., How can I remove all photos?, QUANTITY",
    "Summarise the second chapter., Give a summary of the second book., CONTENT"
  })
  void check_littleSaidInOtherOrder_refusesAnyCosine(
      String stored, String asked, Difference difference) {
    assertThat(guard.check(stored, asked, ENGLISH, 0.99).difference()).isEqualTo(difference);
    assertThat(guard.check(asked, stored, ENGLISH, 0.99).difference()).isEqualTo(difference);
  }

  @ParameterizedTest
  @CsvSource({"Привет мир, Привет мир!", "こんにちは世界, こんにちは世界!", "Hello world, 你好世界", "?!, ?"})
  void check_scriptThatNobodyReads_refuses(String stored, String asked) {
    assertThat(guard.check(stored, asked, ENGLISH, 1).difference()).isEqualTo(Difference.SCRIPT);
  }

  @Test
  void check_longTexts_agreesOnlyWhenEqual() {
    String text = "word ".repeat(100_000);

    assertThat(guard.check(text, text, ENGLISH, 1).agrees()).isTrue();
    assertThat(guard.check(text, text + "x", ENGLISH, 1).difference()).isEqualTo(Difference.LENGTH);
  }

  @Test
  void check_anyText_neverThrowsAndAgreesWithItself() {
    SplittableRandom random = new SplittableRandom(7);
    List<String> parts =
        List.of(
            "12",
            "%",
            "'s",
            "n't",
            "5 pm",
            "the",
            "$1,000",
            "\ud800",
            "half",
            "二",
            "万",
            "if",
            "how",
            "\"",
            "A&B",
            "1.2.3",
            "-",
            "not",
            "2024-05-06",
            "of",
            "年",
            "un",
            "°C",
            "#",
            "é");
    for (int round = 0; round < 3_000; round++) {
      StringBuilder one = new StringBuilder();
      StringBuilder other = new StringBuilder();
      for (int i = random.nextInt(12); i >= 0; i--) {
        one.append(parts.get(random.nextInt(parts.size()))).append(random.nextBoolean() ? " " : "");
        other.append(parts.get(random.nextInt(parts.size()))).append(' ');
      }
      String text = one.toString();
      assertThat(guard.check(text, text, ENGLISH, 1).agrees()).isTrue();
      assertThat(guard.check(text, other.toString(), ENGLISH, 1)).isNotNull();
    }
  }
}
