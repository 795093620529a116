package dev.agentops.examples.llm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArithmeticTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          what is 17 * 23?                        | 17 * 23
          17*23                                   | 17*23
          What's 17 x 23                          | 17 * 23
          calculate (3 + 4) * 2                   | (3 + 4) * 2
          please do (see 3 + 4)                   | 3 + 4
          12.5% of 80                             | 80 * 12.5 / 100
          what is 15 percent of $1,200            | 1200 * 15 / 100
          20% off 50                              | 50 * (1 - 20 / 100)
          add 3 and 4                             | 3 + 4
          sum of 1, 2 and 3                       | 1 + 2 + 3
          subtract 3 from 10                      | 10 - 3
          multiply 6 by 7                         | 6 * 7
          divide 10 by 4                          | 10 / 4
          seven times eight                       | 7 * 8
          2 to the power of 10                    | 2 ^ 10
          square root of 144                      | sqrt(144)
          half of 90                              | 90 / 2
          what is 10-4                            | 10-4
          what is 5 minus -3                      | 5 - -3
          """)
  void expressions_found(String text, String expression) {
    assertThat(Arithmetic.expressions(text, "")).containsExactly(expression);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "we are open 24/7",
        "it takes 3-5 days",
        "call 555-1234",
        "on 2024-05-01 at 10:30",
        "what happened on 10/12/2024?",
        "version 1.2.3",
        "I have 3 cats and 4 dogs",
        "what time is it?"
      })
  void expressions_none(String text) {
    assertThat(Arithmetic.expressions(text, "")).isEmpty();
  }

  @Test
  void expressions_thatIsTheNumberBefore() {
    assertThat(Arithmetic.expressions("multiply that by 2", "17 * 23 = 391."))
        .containsExactly("391 * 2");
    assertThat(Arithmetic.expressions("add 9 to it", "It is 1,000.")).containsExactly("1000 + 9");
  }

  @Test
  void expressions_several() {
    assertThat(Arithmetic.expressions("what are 1 + 2 and 3 * 4?", ""))
        .containsExactly("1 + 2", "3 * 4");
  }
}
