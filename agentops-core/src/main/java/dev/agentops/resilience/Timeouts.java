package dev.agentops.resilience;

import dev.agentops.AgentOps;
import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.DeadlinePassedException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how long a model may take, whatever its client does: the whole call, the time to the first
 * chunk of a stream, and the silence between two.
 *
 * <pre>{@code
 * ChatModel model = Timeouts.total(Duration.ofSeconds(30)).wrap(ops.wrap(openAi));
 * }</pre>
 *
 * <p>A caller's earlier {@link Deadline} goes before; with one, these hold without a total of their
 * own. Where it has passed already, the model is not asked: {@link DeadlinePassedException}, unless
 * a cache behind this answers. What takes too long ends with a {@link CallTimeoutException}, and is
 * given up: the call is broken off if its HTTP client is one of {@code dev.agentops.http}, else the
 * thread of a call that does not stream is interrupted, at which the JDK's HTTP client closes the
 * connection, and a stream is cancelled once it has told how. What a provider sends later is
 * dropped.
 *
 * <p>A call that does not stream runs on a daemon thread of its own, in the {@link Context} of its
 * caller; other thread-locals are not there. Clients' own timeouts cover a single try of several,
 * and the headers of a stream only. Thread-safe.
 */
public final class Timeouts {

  private final @Nullable Duration total;
  private final @Nullable Duration firstChunk;
  private final @Nullable Duration betweenChunks;
  private final Clock clock;

  private Timeouts(Builder from) {
    total = from.total;
    firstChunk = from.firstChunk;
    betweenChunks = from.betweenChunks;
    clock = from.clock;
  }

  /** So long for the whole call, streaming or not. */
  public static Timeouts total(Duration total) {
    return builder().total(total).build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The model, given up when it takes too long. */
  public ChatModel wrap(ChatModel model) {
    return new Decorated(Targets.of(List.of(model)), new TimedChat(this, model)::run);
  }

  /** The model, the streams of which are given up when they take too long. */
  public StreamingChatModel wrap(StreamingChatModel model) {
    return new DecoratedStreaming(
        Targets.of(List.of(model)),
        (request, handler, ask) ->
            new TimedStream(this, Context.current(), handler)
                .start(model, relay -> ask.ask(model, request, relay)));
  }

  /** What is left for a call that begins now in this context; null for as long as it takes. */
  @Nullable Duration totalIn(Context context) {
    Deadline deadline = Deadline.of(context);
    if (deadline == null) {
      return total;
    }
    return total == null ? deadline.remaining() : deadline.cut(total);
  }

  /** The end of a call after so long, for which the caller's deadline may be the reason. */
  CallTimeoutException timeout(String what, Duration limit) {
    boolean own = total != null && limit.equals(total);
    return new CallTimeoutException(own ? what : what + ", when the deadline came", limit);
  }

  /**
   * For a call that begins after its deadline: a chain refuses it, unless it has the answer without
   * the model; elsewhere nobody does.
   *
   * @throws DeadlinePassedException where the model is behind no chain
   */
  static void checkNotAsked(Object model) {
    if (!AgentOps.isObserved(model)) {
      throw new DeadlinePassedException("the deadline has passed; the model was not asked");
    }
  }

  @Nullable Duration firstChunk() {
    return firstChunk;
  }

  @Nullable Duration betweenChunks() {
    return betweenChunks;
  }

  Clock clock() {
    return clock;
  }

  /** Configures {@link Timeouts}; without any, only a caller's deadline holds. Not thread-safe. */
  public static final class Builder {

    private @Nullable Duration total;
    private @Nullable Duration firstChunk;
    private @Nullable Duration betweenChunks;
    private Clock clock = Clock.system();

    private Builder() {}

    /** For the whole call, streaming or not; no bound unless said. */
    public Builder total(Duration total) {
      this.total = Checks.positive("total", total);
      return this;
    }

    /** From the start of a stream to its first chunk; no bound unless said. */
    public Builder firstChunk(Duration firstChunk) {
      this.firstChunk = Checks.positive("firstChunk", firstChunk);
      return this;
    }

    /** Between two chunks of a stream; no bound unless said. */
    public Builder betweenChunks(Duration betweenChunks) {
      this.betweenChunks = Checks.positive("betweenChunks", betweenChunks);
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public Timeouts build() {
      return new Timeouts(this);
    }
  }
}
