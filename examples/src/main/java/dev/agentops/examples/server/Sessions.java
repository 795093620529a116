package dev.agentops.examples.server;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.memory.ChatMemory;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The conversations of all users, each remembered by a window of its last messages.
 *
 * <p>A turn works on a copy, which replaces the conversation only when the turn has ended well: of
 * a turn that failed or was cancelled nothing is remembered, and its late callbacks write to a copy
 * that nobody reads. One turn of a conversation runs at a time. Where there are too many
 * conversations or characters, those that were quiet for longest are forgotten. Thread-safe.
 */
final class Sessions {

  private static final int WINDOW = 20;

  private final int maxSessions;
  private final long maxCharacters;
  private final Map<Id, Session> sessions = new LinkedHashMap<>(16, 0.75f, true); // guarded by this
  private long characters; // guarded by this

  Sessions(int maxSessions, long maxCharacters) {
    this.maxSessions = maxSessions;
    this.maxCharacters = maxCharacters;
  }

  /** Whose conversation it is: one user cannot enter another's by its id. */
  record Id(String user, String session) {}

  /** A copy of the conversation to work on; empty while another turn of it runs. */
  synchronized Optional<Hold> begin(Id id) {
    Session session = sessions.computeIfAbsent(id, ignored -> new Session());
    if (session.busy) {
      return Optional.empty();
    }
    session.busy = true;
    forgetQuietest();
    MessageWindowChatMemory memory = MessageWindowChatMemory.withMaxMessages(WINDOW);
    memory.set(session.messages);
    return Optional.of(new Hold(id, memory));
  }

  /** How many conversations are remembered. */
  synchronized int size() {
    return sessions.size();
  }

  private synchronized void end(Id id, List<ChatMessage> messages) {
    Session session = sessions.get(id);
    if (session == null) {
      return;
    }
    session.busy = false;
    if (!messages.isEmpty()) {
      characters -= session.characters;
      session.messages = messages;
      session.characters = messages.stream().mapToLong(Sessions::length).sum();
      characters += session.characters;
    } else if (session.messages.isEmpty()) { // failed at its first message
      sessions.remove(id);
    }
    forgetQuietest();
  }

  /** Not those that are busy: they would come back without their past. */
  private void forgetQuietest() {
    var quietest = sessions.values().iterator();
    while ((sessions.size() > maxSessions || characters > maxCharacters) && quietest.hasNext()) {
      Session session = quietest.next();
      if (!session.busy) {
        characters -= session.characters;
        quietest.remove();
      }
    }
  }

  private static long length(ChatMessage message) {
    if (message instanceof UserMessage user && user.hasSingleText()) {
      return user.singleText().length();
    }
    if (message instanceof AiMessage ai && ai.text() != null) {
      return ai.text().length();
    }
    return message instanceof ToolExecutionResultMessage result ? result.text().length() : 100;
  }

  private static final class Session {
    private List<ChatMessage> messages = List.of();
    private long characters;
    private boolean busy;
  }

  /** One turn's hold on its conversation; closing it without {@link #keep()} changes nothing. */
  final class Hold implements AutoCloseable {

    private final Id id;
    private final ChatMemory memory;
    private List<ChatMessage> kept = List.of();

    private Hold(Id id, ChatMemory memory) {
      this.id = id;
      this.memory = memory;
    }

    Id id() {
      return id;
    }

    ChatMemory memory() {
      return memory;
    }

    /** Makes this turn a part of the conversation when it is closed. */
    void keep() {
      kept = List.copyOf(memory.messages());
    }

    @Override
    public void close() {
      end(id, kept);
    }
  }
}
