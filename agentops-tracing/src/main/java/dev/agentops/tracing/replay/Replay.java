package dev.agentops.tracing.replay;

import dev.agentops.tracing.Span;
import dev.agentops.tracing.Trace;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.service.tool.ToolExecutor;
import dev.langchain4j.service.tool.ToolProvider;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs a recorded trace again, without its models and tools: gives an agent models and tools that
 * answer from the record.
 *
 * <pre>{@code
 * Replay replay = Replay.load(Path.of("src/test/resources/refund.jsonl"), "refund");
 * Assistant assistant = AiServices.builder(Assistant.class)
 *     .chatModel(replay.chatModel())
 *     .tools(replay.tools(ToolSpecifications.toolSpecificationsFrom(Orders.class)))
 *     .build();
 * assistant.chat("Where is my order?");
 * replay.verifyFinished();
 * }</pre>
 *
 * <p>A model call is answered by the recorded one with equal messages, a tool call by the recorded
 * one with the equal name and arguments; where several are equal, in the order of the record. So
 * may agents and tools run concurrently, in another order than that of the record unless {@link
 * Builder#inOrder()} forbids it. Where there is no equal one, the run has diverged: {@link
 * ReplayDivergenceException} says at which call, and how it differs. From then on every call throws
 * it, since an AI service gives what a tool throws to the model as text.
 *
 * <p>Recorded errors are thrown again, as a {@link RecordedErrorException}.
 *
 * <p>The trace must have been recorded with {@link dev.agentops.tracing.ContentCapture#FULL}.
 * Embeddings and retrieved documents are not replayed.
 *
 * <p>A replay is used once. Thread-safe.
 */
public final class Replay {

  private final Playback playback;
  private final ReplayTraits traits;
  private final @Nullable ChatModel liveModel;
  private final @Nullable StreamingChatModel liveStreamingModel;
  private final Map<String, ToolExecutor> liveTools;

  private Replay(Builder from, Recording recording) {
    playback = new Playback(recording, from.normalise, from.strict, from.inOrder, from.forkStep);
    traits = ReplayTraits.of(recording);
    liveModel = from.liveModel;
    liveStreamingModel = from.liveStreamingModel;
    liveTools = Map.copyOf(from.liveTools);
  }

  /**
   * A strict replay of one trace, all of it.
   *
   * @throws IllegalArgumentException if it has no model or tool calls, or was recorded without full
   *     content
   */
  public static Replay of(Trace trace) {
    return builder(trace).build();
  }

  /** As {@link #of(Trace)}, of the traces of one conversation, a turn each. */
  public static Replay of(List<Trace> traces) {
    return builder(traces).build();
  }

  /**
   * As {@link #of(Trace)}, of a trace in a file of JSON Lines.
   *
   * @throws IllegalArgumentException as {@link TraceFile#read(Path, String)}, too
   * @throws java.io.UncheckedIOException if the file cannot be read
   */
  public static Replay load(Path file, String traceId) {
    return of(TraceFile.read(file, traceId));
  }

  public static Builder builder(Trace trace) {
    return builder(List.of(trace));
  }

  public static Builder builder(List<Trace> traces) {
    return new Builder(traces);
  }

  /** A model that answers as the recorded one did. */
  public ChatModel chatModel() {
    return new ReplayChatModel(playback, traits, liveModel);
  }

  /**
   * A model that streams what the recorded one answered, streaming or not: thinking and text word
   * by word, then the complete tool calls, then the response.
   *
   * <p>All callbacks come on the caller's thread, before the call returns, so that a run is the
   * same each time. Errors come as {@code onError}.
   */
  public StreamingChatModel streamingChatModel() {
    return new ReplayStreamingChatModel(playback, traits, liveStreamingModel);
  }

  /** A tool that gives its recorded results. */
  public ToolExecutor toolExecutor(String name) {
    playback.play(name);
    return new ReplayToolExecutor(name, playback, liveTools.get(name));
  }

  /** The tools with these specifications, each with its recorded results. */
  public Map<ToolSpecification, ToolExecutor> tools(List<ToolSpecification> specifications) {
    Map<ToolSpecification, ToolExecutor> tools = new LinkedHashMap<>();
    specifications.forEach(each -> tools.put(each, toolExecutor(each.name())));
    return tools;
  }

  /** A provider of the same tools, each with its recorded results. */
  public ToolProvider tools(ToolProvider provider) {
    return new ReplayToolProvider(provider, this);
  }

  /** Where the run first differed from the record; empty while it has not. */
  public Optional<Divergence> divergence() {
    return playback.divergence();
  }

  /**
   * The recorded calls that have not come yet: those before the fork, of the model and of the tools
   * that this replay was asked for. Not those that a cache answered or a limiter refused, since one
   * in front of this replay may do so again.
   */
  public List<Span> remaining() {
    return playback.remaining();
  }

  /**
   * Checks that all calls of the record came and no others; in any order, unless {@link
   * Builder#inOrder()} was said.
   *
   * @throws ReplayDivergenceException if it has diverged, or calls are {@link #remaining()}
   */
  public void verifyFinished() {
    playback.verifyFinished();
  }

  /** Configures a {@link Replay}. Not thread-safe. */
  public static final class Builder {

    private final List<Trace> traces;
    private UnaryOperator<String> normalise = UnaryOperator.identity();
    private boolean strict = true;
    private boolean inOrder;
    private int forkStep = Playback.NEVER;
    private @Nullable ChatModel liveModel;
    private @Nullable StreamingChatModel liveStreamingModel;
    private Map<String, ToolExecutor> liveTools = Map.of();

    private Builder(List<Trace> traces) {
      this.traces = List.copyOf(traces);
    }

    /**
     * Changes every text of recorded and of live messages and arguments before they are compared:
     * takes out what differs from run to run, such as the time, or what was redacted in the record.
     */
    public Builder normalise(UnaryOperator<String> normalise) {
      this.normalise = Objects.requireNonNull(normalise, "normalise");
      return this;
    }

    /**
     * Answers a call that was recorded differently, too, from the closest recorded one: that with
     * the longest conversation in common, or the next of the same tool. The first divergence is
     * still told by {@link Replay#divergence()}.
     */
    public Builder lenient() {
      strict = false;
      return this;
    }

    /**
     * Wants the calls in the order in which they were recorded, too; one that comes before another
     * that the record has first is a divergence. For runs without concurrent agents or tools.
     */
    public Builder inOrder() {
      inOrder = true;
      return this;
    }

    /**
     * Lets a live model answer from a step of the record on: a call equal to a recorded one before
     * that step is answered from the record; one equal to a later one, and any once all before the
     * step have come, by the live model.
     *
     * @param step the number, in the record, of the first model call that is live, from 0 on
     * @throws IllegalArgumentException if it is negative, or another one was given before
     */
    public Builder forkAt(int step, ChatModel live) {
      liveModel = Objects.requireNonNull(live, "live");
      return forkAt(step);
    }

    /** As {@link #forkAt(int, ChatModel)}, for an agent that streams. */
    public Builder forkAt(int step, StreamingChatModel live) {
      liveStreamingModel = Objects.requireNonNull(live, "live");
      return forkAt(step);
    }

    /**
     * Tools by name that are executed once the live model has been asked. All others go on to give
     * recorded results.
     */
    public Builder liveTools(Map<String, ToolExecutor> tools) {
      liveTools = new LinkedHashMap<>(tools);
      return this;
    }

    /**
     * The replay.
     *
     * @throws IllegalArgumentException if there is nothing to replay, content was not captured in
     *     full, the step of the fork is beyond the record, or there are live tools but no fork
     */
    public Replay build() {
      Recording recording = Recording.of(traces, normalise);
      int recorded = recording.modelCalls().size();
      if (forkStep != Playback.NEVER && forkStep > recorded) {
        throw new IllegalArgumentException(
            "cannot fork at step " + forkStep + ": the record has " + recorded + " model calls");
      }
      if (forkStep == Playback.NEVER && !liveTools.isEmpty()) {
        throw new IllegalArgumentException(
            "live tools " + liveTools.keySet() + " need a fork: forkAt(step, live)");
      }
      return new Replay(this, recording);
    }

    private Builder forkAt(int step) {
      if (step < 0) {
        throw new IllegalArgumentException("the step of a fork must not be negative: " + step);
      }
      if (forkStep != Playback.NEVER && forkStep != step) {
        throw new IllegalArgumentException(
            "a replay has one fork, but two steps were given: " + forkStep + " and " + step);
      }
      forkStep = step;
      return this;
    }
  }
}
