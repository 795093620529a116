package dev.agentops.resilience;

import dev.agentops.Attributes;
import dev.agentops.CallRejectedException;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.Scope;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RetriableException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Calls that go to the provider as one. */
final class Flight {

  private final List<CoalescedCall> calls;
  private final Interruption interruption = new Interruption();
  private int waiting;
  private volatile boolean halved;

  /** With the model's lock. */
  Flight(List<CoalescedCall> calls) {
    this.calls = List.copyOf(calls);
    this.waiting = calls.size();
    calls.forEach(call -> call.goWith(this));
  }

  int size() {
    return calls.size();
  }

  /** With the model's lock: those that are to be tried in its place, if it has failed so. */
  List<Flight> halves() {
    if (!halved) {
      return List.of();
    }
    List<CoalescedCall> left = calls.stream().filter(call -> !call.hasLeft()).toList();
    int half = left.size() / 2;
    return Stream.of(left.subList(0, half), left.subList(half, left.size()))
        .filter(part -> !part.isEmpty())
        .map(Flight::new)
        .toList();
  }

  /** One of the callers has gone; when all have, nobody needs the answer. */
  void left() {
    boolean abandoned;
    synchronized (this) {
      waiting--;
      abandoned = waiting == 0;
    }
    if (abandoned) {
      interruption.interrupt();
    }
  }

  /**
   * Asks the model.
   *
   * @return hands its share to each caller
   */
  Runnable ask(EmbeddingModel model) {
    if (!interruption.begin()) {
      return () -> {};
    }
    List<TextSegment> all = new ArrayList<>();
    calls.forEach(call -> all.addAll(call.segments()));
    try (Scope ignored = interruption.in(context()).makeCurrent()) {
      Response<List<Embedding>> response = model.embedAll(all);
      if (response.content().size() != all.size()) {
        throw new IllegalStateException(
            all.size() + " texts got " + response.content().size() + " embeddings");
      }
      return () -> split(response);
    } catch (Throwable t) { // an Error, too, ends the wait of the callers
      halved = mayHelpHalved(t);
      return halved ? () -> {} : () -> calls.forEach(call -> call.fail(t));
    } finally {
      interruption.end();
    }
  }

  void makeAlone() {
    calls.forEach(CoalescedCall::makeAlone);
  }

  /**
   * The caller's, of one; of several, what is the same for all: their common attributes, and the
   * deadline of who has most time, provided that all have one.
   */
  private Context context() {
    if (calls.size() == 1) {
      return calls.get(0).context();
    }
    Context common = Context.root().with(commonAttributes());
    List<Deadline> deadlines =
        calls.stream().map(CoalescedCall::deadline).filter(Objects::nonNull).toList();
    return deadlines.size() < calls.size()
        ? common
        : deadlines.stream()
            .max(Comparator.comparing(Deadline::remaining))
            .map(latest -> latest.in(common))
            .orElse(common);
  }

  private Attributes commonAttributes() {
    Attributes.Builder common = Attributes.builder();
    calls
        .get(0)
        .context()
        .attributes()
        .forEach(
            (name, value) -> {
              if (calls.stream()
                  .allMatch(call -> value.equals(call.context().attributes().get(name)))) {
                common.put(name, value);
              }
            });
    return common.build();
  }

  private void split(Response<List<Embedding>> response) {
    long characters = calls.stream().mapToLong(CoalescedCall::characters).sum();
    long before = 0;
    int from = 0;
    for (CoalescedCall call : calls) {
      int to = from + call.segments().size();
      long after = before + call.characters();
      call.answer(
          Response.from(
              List.copyOf(response.content().subList(from, to)),
              share(response.tokenUsage(), before, after, characters),
              response.finishReason(),
              response.metadata()));
      from = to;
      before = after;
    }
  }

  /** Rounded at the borders, so that the shares add up to the whole. */
  private static @Nullable TokenUsage share(
      @Nullable TokenUsage whole, long before, long after, long characters) {
    return whole == null
        ? null
        : new TokenUsage(
            share(whole.inputTokenCount(), before, after, characters),
            share(whole.outputTokenCount(), before, after, characters),
            share(whole.totalTokenCount(), before, after, characters));
  }

  private static @Nullable Integer share(
      @Nullable Integer whole, long before, long after, long characters) {
    return whole == null
        ? null
        : (int)
            (Math.floorDiv(whole * after, characters) - Math.floorDiv(whole * before, characters));
  }

  /** One caller's bad text must not fail the others. */
  private boolean mayHelpHalved(Throwable failure) {
    return calls.size() > 1
        && !(failure instanceof Error
            || failure instanceof RetriableException // the provider is busy or away
            || failure instanceof AuthenticationException
            || failure instanceof ModelNotFoundException
            || failure instanceof CallRejectedException);
  }
}
