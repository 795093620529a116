package dev.agentops.cache;

import dev.agentops.StreamChunk;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialToolCall;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where an answer was cut when it was streamed: the kind and length of each chunk, the text of
 * which is that of the answer. Immutable.
 *
 * <p>A chunk is a number: its length times four, and its kind. Of a stream with more than {@value
 * #MAXIMUM} chunks the rest is kept as chunks of {@value #LARGE} characters and more.
 */
final class ChunkSizes {

  /** {@value} chunks are kept one by one. */
  static final int MAXIMUM = 4096;

  private static final int LARGE = 256;
  private static final int KINDS = 4;
  private static final StreamChunk.Kind[] KIND = StreamChunk.Kind.values();

  private final int[] sizes;

  private ChunkSizes(int[] sizes) {
    this.sizes = sizes;
  }

  /** The cuts that were stored like this; null where they do not fit the answer. */
  static @Nullable ChunkSizes of(int[] sizes, AiMessage message) {
    ChunkSizes cuts = new ChunkSizes(sizes);
    return cuts.chunks(message).isEmpty() ? null : cuts;
  }

  /** The cuts of a stream; null where its chunks are not what the answer consists of. */
  static @Nullable ChunkSizes of(List<StreamChunk> chunks, AiMessage message) {
    List<Integer> sizes = new ArrayList<>();
    for (StreamChunk chunk : chunks) {
      boolean whole = chunk.kind() == StreamChunk.Kind.COMPLETE_TOOL_CALL;
      int size = (whole ? 0 : chunk.text().length()) * KINDS + chunk.kind().ordinal();
      int last = sizes.size() - 1;
      if (sizes.size() >= MAXIMUM && canGrow(sizes.get(last), size)) {
        sizes.set(last, sizes.get(last) + size - chunk.kind().ordinal());
      } else {
        sizes.add(size);
      }
    }
    ChunkSizes cuts = new ChunkSizes(sizes.stream().mapToInt(Integer::intValue).toArray());
    boolean same =
        text(chunks, StreamChunk.Kind.TEXT).equals(orEmpty(message.text()))
            && text(chunks, StreamChunk.Kind.THINKING).equals(orEmpty(message.thinking()))
            && text(cuts.chunks(message), StreamChunk.Kind.PARTIAL_TOOL_CALL)
                .equals(text(chunks, StreamChunk.Kind.PARTIAL_TOOL_CALL));
    return same && !cuts.chunks(message).isEmpty() ? cuts : null;
  }

  int[] sizes() {
    return sizes.clone();
  }

  int count() {
    return sizes.length;
  }

  /** The chunks of the answer; none where it is another one than that of the cuts. */
  List<StreamChunk> chunks(AiMessage message) {
    List<StreamChunk> chunks = new ArrayList<>(sizes.length);
    List<ToolExecutionRequest> tools = message.toolExecutionRequests();
    String text = orEmpty(message.text());
    String thinking = orEmpty(message.thinking());
    int textAt = 0;
    int thinkingAt = 0;
    int tool = 0;
    int argumentsAt = 0;
    try {
      for (int size : sizes) {
        int length = size / KINDS;
        switch (KIND[size % KINDS]) {
          case TEXT -> chunks.add(StreamChunk.text(text.substring(textAt, textAt += length)));
          case THINKING ->
              chunks.add(
                  StreamChunk.thinking(thinking.substring(thinkingAt, thinkingAt += length)));
          case PARTIAL_TOOL_CALL ->
              chunks.add(partial(tool, tools.get(tool), argumentsAt, argumentsAt += length));
          case COMPLETE_TOOL_CALL -> {
            chunks.add(StreamChunk.toolCall(new CompleteToolCall(tool, tools.get(tool))));
            tool++;
            argumentsAt = 0;
          }
        }
      }
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      return List.of();
    }
    boolean all =
        textAt == text.length() && thinkingAt == thinking.length() && tool == tools.size();
    return all ? chunks : List.of();
  }

  private static StreamChunk partial(int index, ToolExecutionRequest tool, int from, int to) {
    return StreamChunk.toolCall(
        PartialToolCall.builder()
            .index(index)
            .id(tool.id())
            .name(tool.name())
            .partialArguments(orEmpty(tool.arguments()).substring(from, to))
            .build());
  }

  private static boolean canGrow(int last, int next) {
    return last % KINDS == next % KINDS
        && last % KINDS != StreamChunk.Kind.COMPLETE_TOOL_CALL.ordinal()
        && last / KINDS < LARGE;
  }

  private static String text(List<StreamChunk> chunks, StreamChunk.Kind kind) {
    StringBuilder text = new StringBuilder();
    for (StreamChunk chunk : chunks) {
      if (chunk.kind() == kind) {
        text.append(chunk.text());
      }
    }
    return text.toString();
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ChunkSizes that && Arrays.equals(sizes, that.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }
}
