package dev.agentops.cache;

import dev.agentops.WeakIdentityMap;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.UserMessage;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The hash of a dialogue, which costs as much as what is new in it: {@code h(n) = SHA-256(h(n-1),
 * SHA-256(message n), numbers of its tool call ids)}.
 *
 * <p>A chat memory hands over the same message objects at every turn. So the hash of a message that
 * cannot change is remembered by its identity, and with it the link of the chain that it was last
 * seen in, which stands for all messages before it. A message that may change is hashed anew each
 * time: LangChain4j's {@link UserMessage} once it has attributes, an {@code Audio} with bytes, and
 * what a foreign class holds. What is remembered is bounded, and goes with the messages.
 *
 * <p>The n-th id of a tool call that a dialogue mentions counts as n: providers draw them at
 * random.
 */
final class MessageChain {

  private static final int MAXIMUM_REMEMBERED = 100_000;
  private static final Link START = new Link(null, new byte[0]);

  private static final WeakIdentityMap<ChatMessage, Digest> REMEMBERED =
      new WeakIdentityMap<>(MAXIMUM_REMEMBERED);

  private final Map<String, Integer> idNumbers = new HashMap<>();
  private final MessageDigest sha256;

  private MessageChain(MessageDigest sha256) {
    this.sha256 = sha256;
  }

  /**
   * The hash of these messages, in 32 bytes; empty where there are none.
   *
   * @param sha256 to be used for it, and reset afterwards
   * @throws CanonicalHash.UnhashableException if one holds something that is not known to be data
   */
  static byte[] hash(List<ChatMessage> messages, MessageDigest sha256) {
    return new MessageChain(sha256).last(messages).hash;
  }

  /** How many messages are remembered. */
  static int size() {
    return REMEMBERED.size();
  }

  private Link last(List<ChatMessage> messages) {
    Link last = START;
    for (ChatMessage message : messages) {
      Digest digest = digest(message);
      for (String id : digest.toolCallIds) {
        idNumbers.putIfAbsent(id, idNumbers.size());
      }
      // by identity: a link belongs to one message, so this one stands for the very messages before
      Link known = digest.link;
      if (known == null || known.previous != last) {
        known = link(last, digest);
        digest.link = known;
      }
      last = known;
    }
    return last;
  }

  private Digest digest(ChatMessage message) {
    if (message instanceof UserMessage user && !user.attributes().isEmpty()) {
      return compute(message); // added since, perhaps
    }
    Digest remembered = REMEMBERED.get(message);
    if (remembered != null) {
      return remembered;
    }
    Digest computed = compute(message);
    if (computed.lasting) {
      REMEMBERED.put(message, computed);
    }
    return computed;
  }

  private Digest compute(ChatMessage message) {
    RequestHash hash = new RequestHash(sha256);
    hash.add(message);
    return new Digest(hash.finish(), List.copyOf(hash.toolCallIds()), hash.isFrozen());
  }

  private Link link(Link previous, Digest digest) {
    sha256.update(previous.hash);
    sha256.update(digest.hash);
    for (String id : digest.toolCallIds) {
      int number = Objects.requireNonNull(idNumbers.get(id));
      sha256.update(ByteBuffer.allocate(4).putInt(number).array());
    }
    return new Link(previous, sha256.digest());
  }

  /** The hash of a message by itself. */
  private static final class Digest {

    private final byte[] hash;
    private final List<String> toolCallIds;
    private final boolean lasting;
    private volatile @Nullable Link link;

    Digest(byte[] hash, List<String> toolCallIds, boolean lasting) {
      this.hash = hash;
      this.toolCallIds = toolCallIds;
      this.lasting = lasting;
    }
  }

  /** The hash of a message and all before it. */
  private record Link(@Nullable Link previous, byte[] hash) {}
}
