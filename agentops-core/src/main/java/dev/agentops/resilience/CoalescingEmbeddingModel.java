package dev.agentops.resilience;

import dev.agentops.Clock;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.ContentType;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.Response;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An embedding model that sends calls which are made at the same time as one.
 *
 * <p>Nobody waits for company: a call that finds none under way goes at once, on its own thread.
 * Those that come meanwhile gather, and go together when it is back, when they are enough for a
 * batch, or when the first of them has waited for {@link Builder#maxGather}. The callers get their
 * own embeddings in their own order, and a share of the tokens by the length of their texts, which
 * adds up to the whole.
 *
 * <p>Put it under the chain, {@code ops.wrap(CoalescingEmbeddingModel.of(model))}: then each caller
 * has its own call, span and cost. Over the chain, {@code
 * CoalescingEmbeddingModel.of(ops.wrap(model))}, a batch is one call for all, and is booked to the
 * attributes that all its callers have in common.
 *
 * <p>Where a batch fails, its halves are tried, and theirs, so that one bad text fails its own
 * caller only, unless that cannot help: the provider is busy or away, refuses the key or the model,
 * or a limit refused the call. A caller that is interrupted, or whose {@link dev.agentops.Deadline}
 * passes, leaves its batch; when all have left, the call is interrupted.
 *
 * <p>A call that is larger than a batch goes in pieces, one after another, each in its turn, so
 * that it does not hold up those of a text or two. Calls with an {@link EmbeddingRequest} go as
 * they are, and are not counted. Thread-safe.
 */
public final class CoalescingEmbeddingModel implements EmbeddingModel {

  private final EmbeddingModel delegate;
  private final int maxBatchSize;
  private final int maxBatchCharacters;
  private final int concurrency;
  private final int capacity;
  private final Clock clock;
  private final Duration maxGather;

  private final Object lock = new Object();
  private final LinkedHashSet<CoalescedCall> gathered = new LinkedHashSet<>();

  /** Of batches that failed; they go first. */
  private final Deque<Flight> halves = new ArrayDeque<>();

  private int gatheredSegments;
  private long gatheredCharacters;
  private Clock.@Nullable Timer patience;
  private boolean impatient;
  private int underWay;
  private long lastNanos;
  private long calls;
  private long batches;
  private long batchedCalls;
  private long madeAlone;
  private long refused;

  private CoalescingEmbeddingModel(Builder from) {
    delegate = from.delegate;
    maxBatchSize = from.maxBatchSize;
    maxBatchCharacters = from.maxBatchCharacters;
    concurrency = from.concurrency;
    capacity = from.capacity;
    clock = from.clock;
    maxGather = from.maxGather;
  }

  /** The model, with the defaults. */
  public static CoalescingEmbeddingModel of(EmbeddingModel model) {
    return builder(model).build();
  }

  public static Builder builder(EmbeddingModel model) {
    return new Builder(Objects.requireNonNull(model, "model"));
  }

  /**
   * As the model does.
   *
   * @throws QueueFullException if too many wait
   */
  @Override
  public Response<Embedding> embed(String text) {
    return text == null
        ? delegate.embed(text)
        : embed(
            List.of(TextSegment.from(text)), true, () -> delegate.embed(text), all -> all.get(0));
  }

  /**
   * As the model does.
   *
   * @throws QueueFullException if too many wait
   */
  @Override
  public Response<Embedding> embed(TextSegment segment) {
    return segment == null
        ? delegate.embed(segment)
        : embed(List.of(segment), true, () -> delegate.embed(segment), all -> all.get(0));
  }

  /**
   * As the model does.
   *
   * @throws QueueFullException if too many wait
   */
  @Override
  public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
    return segments == null || segments.isEmpty() || segments.stream().anyMatch(Objects::isNull)
        ? delegate.embedAll(segments)
        : embedPieces(List.copyOf(segments));
  }

  @Override
  public EmbeddingResponse embed(EmbeddingRequest request) {
    return delegate.embed(request);
  }

  @Override
  public EmbeddingResponse doEmbed(EmbeddingRequest request) {
    return delegate.doEmbed(request);
  }

  @Override
  public List<EmbeddingModelListener> listeners() {
    return delegate.listeners();
  }

  @Override
  public ModelProvider provider() {
    return delegate.provider();
  }

  @Override
  public EmbeddingRequestParameters defaultRequestParameters() {
    return delegate.defaultRequestParameters();
  }

  @Override
  public Set<EmbeddingParameter<?>> supportedParameters() {
    return delegate.supportedParameters();
  }

  @Override
  public Set<ContentType> supportedContentTypes() {
    return delegate.supportedContentTypes();
  }

  @Override
  public int dimension() {
    return delegate.dimension();
  }

  @Override
  public String modelName() {
    return delegate.modelName();
  }

  /** What it has done so far. */
  public CoalescingStats stats() {
    synchronized (lock) {
      return new CoalescingStats(calls, batches, batchedCalls, madeAlone, refused);
    }
  }

  private Response<List<Embedding>> embedPieces(List<TextSegment> segments) {
    List<Response<List<Embedding>>> answers = new ArrayList<>();
    for (List<TextSegment> piece : TextPieces.cut(segments, maxBatchSize, maxBatchCharacters)) {
      boolean comes = answers.isEmpty();
      answers.add(embed(piece, comes, () -> delegate.embedAll(piece), Function.identity()));
    }
    return answers.size() == 1 ? answers.get(0) : TextPieces.join(answers);
  }

  /**
   * Embeds at most a batch.
   *
   * @param comes whether it is a call that comes, rather than a further piece of one
   */
  private <T> Response<T> embed(
      List<TextSegment> segments,
      boolean comes,
      Supplier<Response<T>> alone,
      Function<List<Embedding>, T> shape) {
    long characters = segments.stream().mapToLong(segment -> segment.text().length()).sum();
    CoalescedCall call = null;
    List<Flight> full = List.of();
    synchronized (lock) {
      calls += comes ? 1 : 0;
      if (underWay > 0) {
        refuseIfFull(comes, segments.size());
        call = gather(segments, Math.max(1, characters));
        full = nextFlights();
      } else {
        underWay++;
      }
    }
    if (call == null) {
      return first(alone);
    }
    full.forEach(this::send);
    Response<List<Embedding>> answer = call.await(clock, this::left);
    if (answer == null) {
      synchronized (lock) {
        madeAlone++;
      }
      return alone.get();
    }
    return Response.from(
        shape.apply(answer.content()),
        answer.tokenUsage(),
        answer.finishReason(),
        answer.metadata());
  }

  private <T> Response<T> first(Supplier<Response<T>> alone) {
    long begin = clock.nanoTime();
    try {
      return alone.get();
    } finally {
      landed(clock.nanoTime() - begin, null);
    }
  }

  /** With the lock: a call that has come in is let through to its end. */
  private void refuseIfFull(boolean comes, int segments) {
    if (comes && gatheredSegments + segments > capacity) {
      refused++;
      throw QueueFullException.refused("embeddings", gatheredSegments, timeOfQueue());
    }
  }

  /** With the lock: lets a call wait for the next batch. */
  private CoalescedCall gather(List<TextSegment> segments, long characters) {
    CoalescedCall call = new CoalescedCall(segments, characters);
    gathered.add(call);
    gatheredSegments += segments.size();
    gatheredCharacters += characters;
    if (patience == null) {
      patience =
          clock.schedule(maxGather, () -> DaemonThreads.shared().execute(this::gatheredEnough));
    }
    return call;
  }

  private void gatheredEnough() {
    List<Flight> next;
    synchronized (lock) {
      impatient = !gathered.isEmpty();
      next = nextFlights();
    }
    next.forEach(this::send);
  }

  /** With the lock: the batches that may go now. */
  private List<Flight> nextFlights() {
    List<Flight> flights = new ArrayList<>();
    for (; underWay < concurrency && !halves.isEmpty(); underWay++) {
      flights.add(halves.removeFirst());
    }
    while (!gathered.isEmpty()
        && (underWay == 0 || ((isFull() || impatient) && underWay < concurrency))) {
      flights.add(nextFlight());
      underWay++;
    }
    stopWaiting();
    return flights;
  }

  /** With the lock: forgets the timer where it is nobody's any more. */
  private void stopWaiting() {
    if (gathered.isEmpty() && patience != null) {
      patience.cancel();
      patience = null;
      impatient = false;
    }
  }

  private boolean isFull() {
    return gatheredSegments >= maxBatchSize || gatheredCharacters >= maxBatchCharacters;
  }

  private Flight nextFlight() {
    List<CoalescedCall> together = new ArrayList<>();
    int segments = 0;
    long characters = 0;
    for (Iterator<CoalescedCall> all = gathered.iterator(); all.hasNext(); ) {
      CoalescedCall call = all.next();
      segments += call.segments().size();
      characters += call.characters();
      if (!together.isEmpty() && (segments > maxBatchSize || characters > maxBatchCharacters)) {
        break;
      }
      all.remove();
      forget(call);
      together.add(call);
    }
    Flight flight = new Flight(together);
    batches++;
    batchedCalls += together.size();
    return flight;
  }

  private void forget(CoalescedCall call) {
    gatheredSegments -= call.segments().size();
    gatheredCharacters -= call.characters();
  }

  private void send(Flight flight) {
    try {
      DaemonThreads.shared()
          .execute(
              () -> {
                long begin = clock.nanoTime();
                Runnable answers = flight.ask(delegate);
                landed(clock.nanoTime() - begin, flight);
                answers.run();
              });
    } catch (OutOfMemoryError e) { // no thread to be had
      flight.makeAlone();
      landed(0, null);
    }
  }

  private void landed(long nanos, @Nullable Flight flight) {
    List<Flight> next;
    synchronized (lock) {
      if (flight != null) {
        List<Flight> again = flight.halves();
        halves.addAll(again);
        madeAlone += again.stream().filter(half -> half.size() == 1).count();
      }
      underWay--;
      lastNanos = nanos;
      next = nextFlights();
    }
    next.forEach(this::send);
  }

  /** A caller has gone without its answer. */
  private void left(CoalescedCall call) {
    Flight flight;
    synchronized (lock) {
      flight = call.leave();
      if (gathered.remove(call)) {
        forget(call);
        stopWaiting();
      }
    }
    if (flight != null) {
      flight.left();
    }
  }

  /** With the lock: how long what waits will take, by the last call. */
  private Duration timeOfQueue() {
    long rounds = Math.max(1, gatheredSegments / ((long) maxBatchSize * concurrency));
    return Duration.ofNanos(Math.max(1_000_000, rounds * lastNanos));
  }

  /** Configures a {@link CoalescingEmbeddingModel}. Not thread-safe. */
  public static final class Builder {

    /** {@value}. */
    public static final long DEFAULT_MAX_GATHER_MILLIS = 10;

    /** {@value}: Cohere takes no more, OpenAI 2048. */
    public static final int DEFAULT_MAX_BATCH_SIZE = 96;

    /** {@value}: about half of the tokens that OpenAI takes in one request. */
    public static final int DEFAULT_MAX_BATCH_CHARACTERS = 500_000;

    /** {@value}. */
    public static final int DEFAULT_CONCURRENCY = 4;

    /** {@value}. */
    public static final int DEFAULT_CAPACITY = 10_000;

    private final EmbeddingModel delegate;
    private int maxBatchSize = DEFAULT_MAX_BATCH_SIZE;
    private int maxBatchCharacters = DEFAULT_MAX_BATCH_CHARACTERS;
    private int concurrency = DEFAULT_CONCURRENCY;
    private int capacity = DEFAULT_CAPACITY;
    private Clock clock = Clock.system();
    private Duration maxGather = Duration.ofMillis(DEFAULT_MAX_GATHER_MILLIS);

    private Builder(EmbeddingModel delegate) {
      this.delegate = delegate;
    }

    /**
     * How many texts go together at most; {@value #DEFAULT_MAX_BATCH_SIZE} unless said. More texts
     * in one call go in pieces of so many.
     */
    public Builder maxBatchSize(int texts) {
      this.maxBatchSize = Checks.atLeast(1, "maxBatchSize", texts);
      return this;
    }

    /** How long they are at most together; {@value #DEFAULT_MAX_BATCH_CHARACTERS} unless said. */
    public Builder maxBatchCharacters(int characters) {
      this.maxBatchCharacters = Checks.atLeast(1, "maxBatchCharacters", characters);
      return this;
    }

    /**
     * How long a call may wait for others while calls are under way; {@value
     * #DEFAULT_MAX_GATHER_MILLIS} milliseconds unless said. Longer makes larger batches where the
     * provider is slow.
     */
    public Builder maxGather(Duration time) {
      this.maxGather = Checks.positive("maxGather", time);
      return this;
    }

    /**
     * How many requests may be under way at once, those of calls that went by themselves included;
     * {@value #DEFAULT_CONCURRENCY} unless said.
     */
    public Builder concurrency(int concurrency) {
      this.concurrency = Checks.atLeast(1, "concurrency", concurrency);
      return this;
    }

    /** How many texts may wait before calls are refused; {@value #DEFAULT_CAPACITY} unless said. */
    public Builder capacity(int texts) {
      this.capacity = Checks.atLeast(1, "capacity", texts);
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public CoalescingEmbeddingModel build() {
      return new CoalescingEmbeddingModel(this);
    }
  }
}
