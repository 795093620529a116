package dev.agentops.cost;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NumericNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.databind.node.ValueNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Reads a tree and keeps the line of each of its nodes, but for those of {@code true}, {@code
 * false} and {@code null}, of which there is one for all. Slower than a plain tree, hence for files
 * that have a fault. Not thread-safe.
 */
final class LocatedNodes extends JsonNodeFactory {

  private static final long serialVersionUID = 1;

  private final transient Map<JsonNode, Integer> lines = new IdentityHashMap<>();
  private final transient JsonParser parser;

  private LocatedNodes(JsonParser parser) {
    super(true);
    this.parser = parser;
  }

  /** Reads a content that is known to be JSON, and keeps its lines. */
  static Tree read(byte[] content) throws IOException {
    try (JsonParser parser = PriceFile.JSON.createParser(content)) {
      LocatedNodes nodes = new LocatedNodes(parser);
      return new Tree(PriceFile.JSON.reader().with(nodes).readTree(parser), nodes.lines);
    }
  }

  @Override
  public ObjectNode objectNode() {
    return located(super.objectNode());
  }

  @Override
  public ArrayNode arrayNode() {
    return located(super.arrayNode());
  }

  @Override
  public TextNode textNode(String text) {
    return located(new TextNode(text)); // the empty one is shared otherwise
  }

  @Override
  public NumericNode numberNode(int number) {
    return located(new IntNode(number)); // small ones are shared otherwise
  }

  @Override
  public NumericNode numberNode(long number) {
    return located(super.numberNode(number));
  }

  @Override
  public ValueNode numberNode(BigDecimal number) {
    return located(super.numberNode(number));
  }

  private <N extends JsonNode> N located(N node) {
    lines.put(node, parser.currentTokenLocation().getLineNr());
    return node;
  }

  /**
   * A tree.
   *
   * @param lines of its nodes, by identity
   */
  record Tree(JsonNode root, Map<JsonNode, Integer> lines) {}
}
