package dev.agentops;

import dev.agentops.event.CallStatus;
import dev.langchain4j.exception.ToolExecutionException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * How a call ended. Immutable, hence thread-safe.
 *
 * @param <R> what the call answers with
 */
public final class Outcome<R> {

  private static final int DEEPEST = 64;

  /** Of langchain4j-agentic, which need not be there. */
  private static final String AGENT_EXCEPTION =
      "dev.langchain4j.agentic.agent.AgentInvocationException";

  private final CallStatus status;
  private final @Nullable R response;
  private final @Nullable Throwable error;
  private final boolean shortCircuited;
  private final boolean abandoned;
  private final Streamed streamed;

  private Outcome(
      CallStatus status,
      @Nullable R response,
      @Nullable Throwable error,
      boolean shortCircuited,
      boolean abandoned,
      Streamed streamed) {
    this.status = status;
    this.response = response;
    this.error = error;
    this.shortCircuited = shortCircuited;
    this.abandoned = abandoned;
    this.streamed = streamed;
  }

  /**
   * The wrapped object answered. The response is null only where the wrapped object itself returned
   * null.
   */
  public static <R> Outcome<R> answered(@Nullable R response) {
    return new Outcome<>(CallStatus.OK, response, null, false, false, Streamed.NOTHING);
  }

  /** An interceptor answered in place of the wrapped object. */
  public static <R> Outcome<R> shortCircuited(R response) {
    return new Outcome<>(
        CallStatus.OK, Objects.requireNonNull(response), null, true, false, Streamed.NOTHING);
  }

  /** The wrapped object threw, or its stream ended with an error or fell silent. */
  public static <R> Outcome<R> failed(Throwable error) {
    return new Outcome<>(CallStatus.ERROR, null, error, false, false, Streamed.NOTHING);
  }

  /** An interceptor refused the call; the wrapped object was never asked. */
  public static <R> Outcome<R> rejected(CallRejectedException reason) {
    return new Outcome<>(CallStatus.REJECTED, null, reason, false, false, Streamed.NOTHING);
  }

  /** The caller cancelled the stream, or broke the call off. */
  public static <R> Outcome<R> cancelled() {
    return new Outcome<>(CallStatus.CANCELLED, null, null, false, false, Streamed.NOTHING);
  }

  static <R> Outcome<R> brokenOff(RuntimeException reason) {
    return reason instanceof CancellationException ? cancelled() : failed(reason);
  }

  /** The stream that the call returned was never started, and nobody holds it any more. */
  public static <R> Outcome<R> abandoned() {
    return new Outcome<>(CallStatus.CANCELLED, null, null, false, true, Streamed.NOTHING);
  }

  Outcome<R> with(Streamed streamed) {
    return new Outcome<>(status, response, error, shortCircuited, abandoned, streamed);
  }

  public CallStatus status() {
    return status;
  }

  /** The answer; null unless the status is OK. */
  public @Nullable R response() {
    return response;
  }

  /**
   * What was thrown, a {@link CallRejectedException} for a refusal; null when answered or
   * cancelled.
   */
  public @Nullable Throwable error() {
    return error;
  }

  /**
   * What was thrown in the first place: {@link #error()} without the exceptions that LangChain4j,
   * reflection and futures pack it in, as far as there is something in them; null where that is.
   */
  public @Nullable Throwable cause() {
    Throwable inner = error;
    for (int depth = 0; depth < DEEPEST && inner != null && isPacking(inner); depth++) {
      Throwable cause = inner.getCause();
      if (cause == null) {
        return inner;
      }
      inner = cause;
    }
    return inner;
  }

  /** Whether an interceptor answered, so that the wrapped object was never asked. */
  public boolean shortCircuited() {
    return shortCircuited;
  }

  /** Whether the call ended only because nobody was left to go on with it. */
  public boolean isAbandoned() {
    return abandoned;
  }

  /**
   * From the start of the call to the first chunk of a stream; null where none arrived or nothing
   * was streamed.
   */
  public @Nullable Duration timeToFirstChunk() {
    return streamed.timeToFirstChunk();
  }

  /** How many chunks of text, thinking and tool calls a stream has delivered. */
  public int streamedChunks() {
    return streamed.chunks();
  }

  /**
   * The longest wait from the end of one chunk to the next; null where fewer than two came. The
   * time that the caller's handler took is not part of it.
   */
  public @Nullable Duration longestGap() {
    return streamed.longestGap();
  }

  /** As {@link #longestGap()}, the mean of all waits. */
  public @Nullable Duration meanGap() {
    return streamed.meanGap();
  }

  /**
   * The text that a stream had delivered when it ended, at most 256 Ki characters of it; empty
   * where nothing was streamed.
   */
  public String streamedText() {
    return streamed.delivered().text();
  }

  /**
   * The thinking that a stream had delivered when it ended, at most 256 Ki characters of it; empty
   * where none came.
   */
  public String streamedThinking() {
    return streamed.delivered().thinking();
  }

  Delivered delivered() {
    return streamed.delivered();
  }

  private static boolean isPacking(Throwable error) {
    return error instanceof ToolExecutionException
        || error instanceof CompletionException
        || error instanceof ExecutionException
        || error instanceof InvocationTargetException
        || error instanceof UndeclaredThrowableException
        || error.getClass().getName().equals(AGENT_EXCEPTION)
        // of a workflow that waits for its agents
        || (error.getClass() == RuntimeException.class
            && error.getCause() instanceof ExecutionException);
  }

  @Override
  public String toString() {
    return "Outcome{"
        + status
        + (shortCircuited ? ", short-circuited" : "")
        + (error == null ? "" : ", " + error)
        + '}';
  }

  /** What a stream had delivered when it ended. */
  record Streamed(
      @Nullable Duration timeToFirstChunk,
      int chunks,
      @Nullable Duration longestGap,
      @Nullable Duration meanGap,
      Delivered delivered) {

    static final Streamed NOTHING = new Streamed(null, 0, null, null, Delivered.NOTHING);
  }

  /**
   * The words of a stream; of tool calls, names and arguments in a row.
   *
   * @param tokensBeyond an estimate of what came after the characters that are kept
   */
  record Delivered(String text, String thinking, String toolCalls, long tokensBeyond) {

    static final Delivered NOTHING = new Delivered("", "", "", 0);

    boolean isEmpty() {
      return text.isEmpty() && thinking.isEmpty() && toolCalls.isEmpty();
    }
  }
}
