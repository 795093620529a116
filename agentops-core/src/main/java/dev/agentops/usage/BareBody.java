package dev.agentops.usage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.Usage;
import dev.agentops.UsageReport;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Bodies that tell their counts without a usage object: Llama and Titan on Bedrock, Ollama, and the
 * pages of Mistral's OCR.
 */
final class BareBody {

  private BareBody() {}

  static UsageReport.@Nullable Builder read(ObjectNode body) {
    BigDecimal pages = Fields.amount(body.path("usage_info"), "pages_processed");
    Long input =
        Fields.told(body, "prompt_token_count", "inputTextTokenCount", "prompt_eval_count");
    Long told = Fields.told(body, "generation_token_count", "eval_count");
    if (pages == null && input == null && told == null) {
      return null;
    }
    long output = told == null ? 0 : told;
    for (JsonNode result : body.path("results")) {
      output = Math.addExact(output, Fields.count(result, "tokenCount"));
    }
    Usage.Builder counted =
        Usage.builder().inputTokens(input == null ? 0 : input).outputTokens(output);
    if (pages != null) {
      counted.units("input_document_pages", pages);
      if (body.path("document_annotation").booleanValue()) {
        counted.units("input_annotated_document_pages", pages);
      }
    }
    return UsageReport.builder().usage(counted.build());
  }
}
