package dev.agentops.resilience;

import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import java.util.Iterator;
import java.util.List;

/** Models that fail in turn, as a test says. */
final class Faults {

  private Faults() {}

  /** Throws these one after the other, then says the text. */
  static FakeChatModel chat(String text, RuntimeException... errors) {
    Iterator<RuntimeException> left = List.of(errors).iterator();
    return FakeChatModel.answering(
        request -> {
          synchronized (left) {
            if (left.hasNext()) {
              throw left.next();
            }
          }
          return FakeChatModel.response(text);
        });
  }

  /** Streams fail with these one after the other, then say the text. */
  static FakeStreamingChatModel streaming(String text, RuntimeException... errors) {
    Iterator<RuntimeException> left = List.of(errors).iterator();
    return FakeStreamingChatModel.scripted(
        (request, handler) -> {
          RuntimeException error;
          synchronized (left) {
            error = left.hasNext() ? left.next() : null;
          }
          if (error == null) {
            FakeStreamingChatModel.saying(text).doChat(request, handler);
          } else {
            handler.onError(error);
          }
        });
  }
}
