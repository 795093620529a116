package dev.agentops;

import dev.agentops.event.CallStatus;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The answer of a call while it arrives, or as it arrived once, for other calls to {@linkplain
 * ModelCall#follow follow}. Thread-safe.
 *
 * <p>Who follows gets every chunk from the first one on, however late it comes and however slow it
 * is: it reads at its own pace what is kept here. Of an answer with more than {@value
 * #MAXIMUM_LENGTH} characters or {@value #MAXIMUM_CHUNKS} chunks the rest comes in one piece.
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
  private int textLength; // guarded by this
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
      textLength += chunk.kind() == StreamChunk.Kind.TEXT ? chunk.text().length() : 0;
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
        boolean lost = outcome.status() != CallStatus.ERROR || isInterrupt(outcome.error());
        end = new End(outcome, null, null, lost);
      } else {
        complete(answer);
        end = new End(outcome, report, cost, false);
      }
    }
    followers.forEach(Following::changed);
  }

  private void complete(ChatResponse answer) {
    String text = answer.aiMessage() == null ? null : answer.aiMessage().text();
    if (chunks.isEmpty()) {
      chunks.addAll(StreamChunk.of(answer));
    } else if (truncated && text != null && text.length() > textLength) {
      chunks.add(StreamChunk.text(text.substring(textLength)));
    }
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

  /** Whose thread was interrupted has failed alone. */
  private static boolean isInterrupt(@Nullable Throwable error) {
    Throwable inner = error;
    for (int depth = 0; inner != null && depth < 16; depth++) {
      if (inner instanceof InterruptedException) {
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
   *     cancelled or interrupted
   */
  record End(Outcome<?> outcome, @Nullable UsageReport report, @Nullable Cost cost, boolean lost) {

    @Nullable ChatResponse answer() {
      return outcome.response() instanceof ChatResponse response ? response : null;
    }
  }
}
