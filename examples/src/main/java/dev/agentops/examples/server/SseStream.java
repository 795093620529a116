package dev.agentops.examples.server;

import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Server-sent events to one client. Nothing is sent before the first event, so that a failure
 * before it can still be answered by a status. Each event is flushed. Thread-safe.
 */
final class SseStream {

  private final HttpServletResponse response;
  private final ReentrantLock lock = new ReentrantLock();
  private boolean started; // guarded by lock
  private boolean closed; // guarded by lock

  SseStream(Context context) {
    this.response = context.res();
  }

  /** Whether the status is sent. */
  boolean started() {
    lock.lock();
    try {
      return started;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends an event with JSON data, which has no line breaks of its own.
   *
   * @throws IOException if the client is gone, or the stream is closed
   */
  void send(String event, Object data) throws IOException {
    byte[] json = Json.write(data);
    byte[] head = ("event: " + event + "\ndata: ").getBytes(StandardCharsets.UTF_8);
    write(head, json, "\n\n".getBytes(StandardCharsets.UTF_8));
  }

  /** Sends a comment, which clients ignore: only a write can tell that a client is gone. */
  void heartbeat() throws IOException {
    write(": \n\n".getBytes(StandardCharsets.UTF_8));
  }

  /** Lets nobody send any more; returns when nobody does. */
  void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  private void write(byte[]... parts) throws IOException {
    lock.lock();
    try {
      if (closed) {
        throw new IOException("the stream is closed");
      }
      if (!started) {
        started = true;
        response.setContentType("text/event-stream; charset=utf-8");
        response.setHeader("Cache-Control", "no-cache");
        response.setHeader("X-Accel-Buffering", "no"); // or nginx would collect the events
      }
      OutputStream out = response.getOutputStream();
      for (byte[] part : parts) {
        out.write(part);
      }
      out.flush();
    } finally {
      lock.unlock();
    }
  }
}
