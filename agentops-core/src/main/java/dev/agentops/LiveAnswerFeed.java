package dev.agentops;

import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Brings an answer that another call has asked for to the stream of one that follows it.
 *
 * <p>What is there already at the start is delivered by the thread of the caller, as far as the
 * answer is complete and needs no pauses; all else by daemon threads, by one at a time and in
 * order. Each delivery that is running has a thread of its own, since a handler may run tools or
 * wait for other streams: one that blocks holds up nobody else. Not a virtual thread, since
 * handlers that block in a synchronized method pin those to the few carriers there are.
 */
final class LiveAnswerFeed {

  private static final Executor EXECUTOR = executor();

  private final ModelCall call;
  private final Following following;
  private final StreamReplay replay;
  private final StreamRelay relay;
  private final Runnable lost;
  private final AtomicInteger signals = new AtomicInteger();
  private final OwnAnswer own = new OwnAnswer();
  private int next;
  private boolean over;
  private volatile boolean inVain;

  /**
   * A feed.
   *
   * @param lost runs in place of an end where the call has to ask the model itself after all
   */
  LiveAnswerFeed(ModelCall call, Following following, StreamRelay relay, Runnable lost) {
    this.call = call;
    this.following = following;
    this.relay = relay;
    this.replay = StreamReplay.to(relay);
    this.lost = lost;
  }

  void start() {
    if (following.source().end() != null && following.source().pace().isZero()) {
      signals.incrementAndGet();
      work();
    } else {
      following.listen(this::wake);
    }
  }

  /** Nothing has come in time: the call asks the model itself, unless a chunk comes just now. */
  void giveUp() {
    inVain = true;
    wake();
  }

  /** Returns at once; whatever comes while the feed is at work is seen by it before it rests. */
  private void wake() {
    if (signals.getAndIncrement() == 0) {
      EXECUTOR.execute(this::work);
    }
  }

  private void work() {
    int seen = signals.get();
    do {
      try {
        deliver();
      } catch (Throwable t) { // an Error of the handler
        over = true;
        relay.end(Outcome.failed(t));
        call.ops().report("the handler of a stream that follows another", t);
      }
      seen = signals.addAndGet(-seen);
    } while (seen != 0);
  }

  private void deliver() {
    LiveAnswer source = following.source();
    while (!over && !relay.hasEnded()) {
      LiveAnswer.End end = source.end(); // before the chunk: all chunks are there when it ends
      StreamChunk chunk = source.chunk(next);
      if (chunk != null) {
        next++;
        replay.chunk(chunk, own);
        if (!source.pace().isZero()) {
          call.ops().clock().schedule(source.pace(), this::wake);
          return;
        }
      } else if (end != null) {
        over = true;
        finish(end);
      } else if (inVain && next == 0) {
        over = true;
        call.waitedInVain();
        lost.run();
      } else {
        return;
      }
    }
  }

  private void finish(LiveAnswer.End end) {
    ChatResponse answer = end.answer();
    if (answer != null) {
      Following.credit(call, end);
      replay.complete(own.complete(answer));
    } else if (end.lost() && next == 0) {
      lost.run();
    } else {
      Throwable error = end.outcome().error();
      relay.onError(
          error == null ? new AgentOpsException("the call that was followed ended early") : error);
    }
  }

  private static Executor executor() {
    AtomicInteger number = new AtomicInteger();
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE, // one for each stream that follows, at most
        10,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        work -> {
          Thread thread = new Thread(work, "agentops-stream-follower-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }
}
