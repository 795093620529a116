package dev.agentops;

import dev.agentops.event.CallStatus;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The answer of a call while it arrives, or as it arrived once, for other calls to {@linkplain
 * ModelCall#follow follow}. Thread-safe.
 *
 * <p>Who follows gets every chunk from the first one on, however late it comes and however slow it
 * is: it reads at its own pace what is kept here. Of an answer with more than {@value
 * #MAXIMUM_LENGTH} characters or {@value #MAXIMUM_CHUNKS} chunks the rest comes at its end: what is
 * left of the thinking and of the text in one piece each, and complete tool calls. Events that
 * LangChain4j does not map are not among the chunks.
 */
public final class LiveAnswer {

  /** {@value} characters of chunks are kept. */
  public static final int MAXIMUM_LENGTH = 1024 * 1024;

  /** {@value} chunks are kept. */
  public static final int MAXIMUM_CHUNKS = 100_000;

  /** The answer as a part of which its call is made, if any. */
  private final @Nullable LiveAnswer outer;

  private final Duration pace;
  private final List<Following> followers = new CopyOnWriteArrayList<>();
  private final List<StreamChunk> chunks = new ArrayList<>(); // guarded by this
  private final AtomicInteger handling = new AtomicInteger();
  private volatile @Nullable Long handledNanos;
  private boolean failedByHandler; // guarded by this
  private int textLength; // guarded by this
  private int thinkingLength; // guarded by this
  private int toolCalls; // guarded by this
  private int length; // guarded by this
  private boolean truncated; // guarded by this
  private boolean closed; // guarded by this
  private @Nullable Runnable whenAlone; // guarded by this
  private volatile @Nullable End end;

  LiveAnswer(@Nullable LiveAnswer outer) {
    this(outer, Duration.ZERO);
  }

  private LiveAnswer(@Nullable LiveAnswer outer, Duration pace) {
    this.outer = outer;
    this.pace = pace;
  }

  /**
   * An answer that is there already.
   *
   * @param chunks in which it is streamed; where there are none, it is cut between words
   * @param pace from one chunk to the next; zero for all at once
   */
  public static LiveAnswer of(ChatResponse answer, List<StreamChunk> chunks, Duration pace) {
    LiveAnswer recorded = new LiveAnswer(null, pace);
    recorded.chunks.addAll(chunks.isEmpty() ? StreamChunk.of(answer) : chunks);
    recorded.end = new End(Outcome.shortCircuited(answer), null, null, false);
    return recorded;
  }

  /** The chunks so far; empty where there were none or too many to keep. */
  public synchronized List<StreamChunk> chunks() {
    return truncated ? List.of() : List.copyOf(chunks);
  }

  /** Whether it is over without an answer, so that no call can begin to follow it. */
  public synchronized boolean isOver() {
    return closed;
  }

  Duration pace() {
    return pace;
  }

  boolean isPartOf(LiveAnswer other) {
    return this == other || (outer != null && outer.isPartOf(other));
  }

  void add(StreamChunk chunk) {
    synchronized (this) {
      length += chunk.text().length();
      truncated = truncated || length > MAXIMUM_LENGTH || chunks.size() >= MAXIMUM_CHUNKS;
      if (truncated) {
        return;
      }
      chunks.add(chunk);
      switch (chunk.kind()) {
        case TEXT -> textLength += chunk.text().length();
        case THINKING -> thinkingLength += chunk.text().length();
        default -> toolCalls += chunk.completeToolCall() == null ? 0 : 1;
      }
    }
    followers.forEach(Following::changed);
  }

  /** Ends the answer with its call; nobody begins to follow after a call without an answer. */
  void end(Outcome<?> outcome, @Nullable UsageReport report, @Nullable Cost cost) {
    ChatResponse answer = outcome.response() instanceof ChatResponse response ? response : null;
    synchronized (this) {
      if (end != null) {
        return;
      }
      if (answer == null) {
        closed = true;
        boolean lost =
            failedByHandler
                || outcome.status() != CallStatus.ERROR
                || outcome.error() instanceof DeadlineExceededException
                || isInterrupt(outcome.error());
        end = new End(failedByHandler ? Outcome.cancelled() : outcome, null, null, lost);
      } else {
        complete(answer);
        end = new End(outcome, report, cost, false);
      }
    }
    followers.forEach(Following::changed);
  }

  private void complete(ChatResponse answer) {
    if (chunks.isEmpty() && !truncated) {
      chunks.addAll(StreamChunk.of(answer));
    } else if (truncated && answer.aiMessage() != null) {
      addRest(answer.aiMessage());
    }
  }

  private void addRest(AiMessage message) {
    String thinking = message.thinking();
    if (thinking != null && thinking.length() > thinkingLength) {
      chunks.add(StreamChunk.thinking(thinking.substring(thinkingLength)));
    }
    String text = message.text();
    if (text != null && text.length() > textLength) {
      chunks.add(StreamChunk.text(text.substring(textLength)));
    }
    List<ToolExecutionRequest> tools = message.toolExecutionRequests();
    for (int i = toolCalls; i < tools.size(); i++) {
      chunks.add(StreamChunk.toolCall(new CompleteToolCall(i, tools.get(i))));
    }
  }

  /** The handler of the call's own caller is at work: the stream waits for it. */
  void handlingBegins() {
    handling.incrementAndGet();
  }

  void handlingEnds(long nowNanos) {
    handledNanos = nowNanos;
    handling.decrementAndGet();
  }

  /**
   * How long nothing has come from the model, as far as those who follow can tell: not the time
   * that the handler of the call's own caller takes.
   *
   * @param sinceNanos when something came to who asks
   */
  long silenceNanos(long sinceNanos, long nowNanos) {
    Long handled = handledNanos;
    if (handling.get() > 0) {
      return 0;
    }
    return handled == null
        ? nowNanos - sinceNanos
        : Math.min(nowNanos - sinceNanos, nowNanos - handled);
  }

  /** It ends by a fault of its own caller's handler, which says nothing to others. */
  synchronized void failedByHandler() {
    failedByHandler = true;
  }

  /** The chunk of this number; null where it has not come, or will not. */
  synchronized @Nullable StreamChunk chunk(int number) {
    return number < chunks.size() ? chunks.get(number) : null;
  }

  /** How it ended; null before. */
  @Nullable End end() {
    return end;
  }

  /** A place among those who follow; null where there is nothing to follow any more. */
  synchronized @Nullable Following join() {
    if (closed) {
      return null;
    }
    Following place = new Following(this);
    if (end == null) {
      followers.add(place);
    }
    return place;
  }

  void leave(Following place) {
    Runnable cancel = null;
    synchronized (this) {
      followers.remove(place);
      if (followers.isEmpty() && end == null && whenAlone != null) {
        closed = true;
        cancel = whenAlone;
        whenAlone = null;
      }
    }
    if (cancel != null) {
      cancel.run();
    }
  }

  /**
   * The call's own caller does not want it any more: goes on while others follow.
   *
   * @param cancel runs when the last of them has left, too
   * @return false if nobody follows; then nobody will
   */
  synchronized boolean goOnForOthers(Runnable cancel) {
    if (end != null || followers.isEmpty()) {
      closed = closed || end == null;
      return false;
    }
    whenAlone = cancel;
    return true;
  }

  /** Whose thread was interrupted has failed alone, however its HTTP client reports that. */
  private static boolean isInterrupt(@Nullable Throwable error) {
    Throwable inner = error;
    for (int depth = 0; inner != null && depth < 16; depth++) {
      if (inner instanceof InterruptedException
          || inner instanceof ClosedByInterruptException
          || (inner instanceof InterruptedIOException
              && !(inner instanceof SocketTimeoutException))) {
        return true;
      }
      inner = inner.getCause();
    }
    return false;
  }

  /**
   * How an answer ended.
   *
   * @param report what the model's work consumed, where that is known
   * @param cost what it cost, where that is known
   * @param lost whether it ended in a way that says nothing to others: its call was refused,
   *     cancelled or interrupted, came to its own deadline, or failed by its own caller's handler
   */
  record End(Outcome<?> outcome, @Nullable UsageReport report, @Nullable Cost cost, boolean lost) {

    @Nullable ChatResponse answer() {
      return outcome.response() instanceof ChatResponse response ? response : null;
    }
  }
}
