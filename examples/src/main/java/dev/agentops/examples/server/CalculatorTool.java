package dev.agentops.examples.server;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import java.math.BigDecimal;

/** A tool that evaluates arithmetic exactly, to 34 digits, without a script engine. */
final class CalculatorTool {

  private static final int LONGEST_PLAIN = 60;

  @Tool(name = "calculator", value = "Evaluates an arithmetic expression and returns the number")
  String calculate(
      @P("Numbers with + - * / % ^, parentheses and sqrt(...), such as (12.5 + 3) * 2^8")
          String expression) {
    try {
      return written(Expression.evaluate(expression));
    } catch (ArithmeticException e) {
      return "This has no value: " + e.getMessage();
    } catch (IllegalArgumentException e) {
      return "This is not an expression: " + e.getMessage();
    }
  }

  private static String written(BigDecimal number) {
    if (number.signum() == 0) {
      return "0";
    }
    BigDecimal shortest = number.stripTrailingZeros();
    long digits = Math.abs((long) shortest.scale()) + shortest.precision();
    return digits <= LONGEST_PLAIN ? shortest.toPlainString() : shortest.toString();
  }
}
