package dev.agentops;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Asks each call what it will be billed, twice, as several interceptors do. */
final class BilledReports implements ChatInterceptor, EmbeddingInterceptor {

  private final List<Optional<UsageReport>> reports = new CopyOnWriteArrayList<>();

  /** Of the only call there was. */
  @Nullable UsageReport only() {
    if (reports.size() != 2 || !reports.get(0).equals(reports.get(1))) {
      throw new AssertionError("not one call: " + reports);
    }
    return reports.get(0).orElse(null);
  }

  @Override
  public @Nullable ChatResponse before(ModelCall call) {
    return null;
  }

  @Override
  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
    reports.add(Optional.ofNullable(call.billedReport(outcome)));
    reports.add(Optional.ofNullable(call.billedReport(outcome)));
  }

  @Override
  public @Nullable EmbeddingResponse before(EmbeddingCall call) {
    return null;
  }

  @Override
  public void after(EmbeddingCall call, Outcome<EmbeddingResponse> outcome) {
    reports.add(Optional.ofNullable(call.billedReport(outcome)));
    reports.add(Optional.ofNullable(call.billedReport(outcome)));
  }
}
