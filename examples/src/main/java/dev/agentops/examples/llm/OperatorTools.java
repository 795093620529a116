package dev.agentops.examples.llm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tools that are one arithmetic operation each, such as {@code add(a, b)}. */
final class OperatorTools {
  private static final Pattern BINARY = Pattern.compile("(-?[\\d.]+)\\s*([-+*/^%])\\s*(-?[\\d.]+)");
  private static final Map<String, Set<String>> NAMES =
      Map.of(
          "+", Set.of("add", "plus", "sum", "addition"),
          "-", Set.of("subtract", "minus", "difference", "subtraction"),
          "*", Set.of("multiply", "times", "product", "multiplication"),
          "/", Set.of("divide", "quotient", "division"),
          "^", Set.of("power", "pow"),
          "%", Set.of("mod", "modulo", "remainder"));

  private OperatorTools() {}

  /** Plans the tool for an expression of two numbers, if there is one. */
  static Optional<ToolChooser.Plan> plan(String expression, List<Wire.Function> tools) {
    Matcher binary = BINARY.matcher(expression);
    if (!binary.matches()) {
      return Optional.empty();
    }
    Set<String> names = NAMES.getOrDefault(binary.group(2), Set.of());
    return tools.stream()
        .filter(tool -> Text.identifierWords(tool.name()).stream().anyMatch(names::contains))
        .filter(tool -> Param.of(tool).size() == 2)
        .filter(tool -> Param.of(tool).stream().allMatch(Param::isNumber))
        .findFirst()
        .map(
            tool -> {
              List<Param> params = Param.of(tool);
              ObjectNode arguments = Json.MAPPER.createObjectNode();
              arguments.put(params.get(0).name(), new BigDecimal(binary.group(1)));
              arguments.put(params.get(1).name(), new BigDecimal(binary.group(3)));
              return new ToolChooser.Plan(tool.name(), arguments);
            });
  }
}
