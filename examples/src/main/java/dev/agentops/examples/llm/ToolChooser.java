package dev.agentops.examples.llm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The choice of tools for a question: which to call, with which arguments. */
final class ToolChooser {
  /** Words in a tool's name that say nothing about its subject. */
  private static final Set<String> VERBS =
      Set.of(
          "get", "fetch", "find", "list", "lookup", "look", "up", "current", "do", "run", "call",
          "search", "show", "check", "by", "for", "of", "the", "tool", "to", "a", "in");

  private final List<Wire.Function> tools;
  private final Set<Plan> plans = new LinkedHashSet<>();
  private final Set<String> missing = new LinkedHashSet<>();

  private ToolChooser(List<Wire.Function> tools) {
    this.tools = tools;
  }

  /** A tool and the arguments to call it with. */
  record Plan(String tool, ObjectNode arguments) {}

  /**
   * What to call now; if nothing, what the user must say before a tool can be called.
   *
   * @param missing sentences that name the missing values
   */
  record Choice(List<Wire.ToolCall> calls, List<String> missing) {}

  /** Chooses what the question needs and was not called yet since it was asked. */
  static Choice choose(Conversation talk, List<Wire.Function> tools) {
    ToolChooser chooser = new ToolChooser(tools);
    Clauses.split(talk.question()).forEach(clause -> chooser.plan(clause, talk));
    for (Conversation.ToolResult result : talk.results()) {
      Wire.FunctionCall done = result.call().function();
      chooser.plans.removeIf(
          plan ->
              plan.tool().equals(done.name())
                  && plan.arguments().equals(Json.readLeniently(done.arguments())));
    }
    return new Choice(
        chooser.plans.stream().map(ToolChooser::call).toList(), List.copyOf(chooser.missing));
  }

  /** Chooses at least one tool, because the request insists: the best fit, else the first. */
  static List<Wire.ToolCall> force(Conversation talk, List<Wire.Function> tools) {
    List<Wire.ToolCall> wanted = choose(talk, tools).calls();
    if (!wanted.isEmpty()) {
      return wanted;
    }
    Set<String> stems = Text.stems(talk.question());
    Wire.Function tool =
        tools.stream()
            .max(Comparator.comparingLong(candidate -> overlap(candidate, stems)))
            .orElseThrow();
    if (ToolKind.of(tool) == ToolKind.CLOCK) {
      ToolChooser chooser = new ToolChooser(tools);
      chooser.planClock(tool, talk.question());
      return chooser.plans.stream().map(ToolChooser::call).toList();
    }
    ObjectNode arguments = Json.MAPPER.createObjectNode();
    SchemaFiller filler = new SchemaFiller(talk.question(), talk.question());
    List<String> expressions = Arithmetic.expressions(talk.question(), talk.lastAnswer());
    for (Param param : Param.of(tool)) {
      boolean expression = ToolKind.of(tool) == ToolKind.CALCULATOR && param.isText();
      if (expression && !expressions.isEmpty()) {
        arguments.put(param.name(), expressions.get(0));
      } else if (param.required() || filler.find(param.name(), param.schema()).isPresent()) {
        arguments.set(param.name(), filler.fill(param.name(), param.schema()));
      }
    }
    return List.of(call(new Plan(tool.name(), arguments)));
  }

  private void plan(String clause, Conversation talk) {
    List<String> expressions = Arithmetic.expressions(clause, talk.lastAnswer());
    if (!expressions.isEmpty() && planArithmetic(expressions)) {
      return;
    }
    Optional<Wire.Function> clock = first(ToolKind.CLOCK);
    if (Clauses.asksForTime(clause) && clock.isPresent()) {
      planClock(clock.get(), clause);
      return;
    }
    if (Clauses.asksAboutUs(clause) || planNamed(clause) || !Clauses.asksForKnowledge(clause)) {
      return;
    }
    first(ToolKind.SEARCH)
        .filter(tool -> talk.context().isEmpty())
        .ifPresent(
            tool -> {
              String query = clause.replaceAll("[?.!\\s]+$", "");
              plans.add(
                  new Plan(tool.name(), argument(ToolKind.SEARCH.textParameter(tool), query)));
            });
  }

  private boolean planArithmetic(List<String> expressions) {
    Optional<Wire.Function> calculator = first(ToolKind.CALCULATOR);
    calculator.ifPresent(
        tool -> {
          Param param = ToolKind.CALCULATOR.textParameter(tool);
          expressions.forEach(e -> plans.add(new Plan(tool.name(), argument(param, e))));
        });
    return calculator.isPresent()
        || expressions.stream().map(e -> OperatorTools.plan(e, tools)).filter(this::addIf).count()
            > 0;
  }

  private boolean addIf(Optional<Plan> plan) {
    plan.ifPresent(plans::add);
    return plan.isPresent();
  }

  private void planClock(Wire.Function tool, String clause) {
    List<ZoneFinder.Place> places = ZoneFinder.places(clause);
    Optional<Param> where = Param.of(tool).stream().filter(Param::isPlace).findFirst();
    if (where.isEmpty()) {
      plans.add(new Plan(tool.name(), Json.MAPPER.createObjectNode()));
    } else if (!places.isEmpty()) {
      for (ZoneFinder.Place place : places) {
        String value = where.get().isZone() ? place.zone() : place.name();
        plans.add(new Plan(tool.name(), argument(where.get(), value)));
      }
    } else {
      plans.add(
          new Plan(
              tool.name(),
              where.get().required()
                  ? argument(where.get(), "UTC")
                  : Json.MAPPER.createObjectNode()));
    }
  }

  /** Plans the tool whose whole name is spoken of in the clause, if its arguments are too. */
  private boolean planNamed(String clause) {
    Set<String> stems = Text.stems(clause);
    Optional<Wire.Function> named =
        tools.stream()
            .filter(tool -> ToolKind.of(tool) == ToolKind.OTHER)
            .filter(tool -> !subject(tool).isEmpty() && stems.containsAll(subject(tool)))
            .max(Comparator.comparingLong(tool -> overlap(tool, stems)));
    if (named.isEmpty()) {
      return false;
    }
    ObjectNode arguments = Json.MAPPER.createObjectNode();
    SchemaFiller filler = new SchemaFiller(clause, "");
    List<String> unknown = new ArrayList<>();
    for (Param param : Param.of(named.get())) {
      filler
          .find(param.name(), param.schema())
          .ifPresentOrElse(
              value -> arguments.set(param.name(), value),
              () -> {
                if (param.required()) {
                  unknown.add(param.name());
                }
              });
    }
    if (unknown.isEmpty()) {
      plans.add(new Plan(named.get().name(), arguments));
    } else {
      missing.add(
          "To use " + named.get().name() + " I need to know: " + String.join(", ", unknown) + ".");
    }
    return true;
  }

  private Optional<Wire.Function> first(ToolKind kind) {
    return tools.stream().filter(tool -> ToolKind.of(tool) == kind).findFirst();
  }

  private static Set<String> subject(Wire.Function tool) {
    Set<String> words = Text.identifierWords(tool.name());
    words.removeAll(VERBS);
    return Text.stems(String.join(" ", words));
  }

  private static long overlap(Wire.Function tool, Set<String> stems) {
    Set<String> words = Text.stems(String.join(" ", Text.identifierWords(tool.name())));
    words.addAll(Text.stems(tool.description() == null ? "" : tool.description()));
    return words.stream().filter(stems::contains).count();
  }

  private static ObjectNode argument(Param param, String value) {
    return Json.MAPPER.createObjectNode().put(param.name(), value);
  }

  private static Wire.ToolCall call(Plan plan) {
    String id = "call_" + UUID.randomUUID().toString().replace("-", "").substring(0, 24);
    return new Wire.ToolCall(
        id, "function", new Wire.FunctionCall(plan.tool(), plan.arguments().toString()));
  }
}
