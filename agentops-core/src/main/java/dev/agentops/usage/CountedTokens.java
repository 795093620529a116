package dev.agentops.usage;

import dev.agentops.Usage;
import org.jspecify.annotations.Nullable;

/**
 * The counts of a dialect in which cached tokens should be a part of the input and reasoning a part
 * of the output, and the rule that tells where they are counted beside them. Not thread-safe.
 *
 * <p>OpenAI's dialect is spoken by many, not by all in the same sense. The total tells: where it
 * has room for a part beside input and output, that part is beside. Without a total, a part that is
 * larger than its whole must be.
 */
public final class CountedTokens {

  private final long input;
  private final long output;
  private final @Nullable Long total;
  private long cacheRead;
  private long cacheWrite;
  private long inputAudio;
  private long cacheReadAudio;
  private long reasoning;
  private boolean reasoningBeside;

  private CountedTokens(long input, long output, @Nullable Long total) {
    this.input = input;
    this.output = output;
    this.total = total;
  }

  /**
   * @param total of all tokens; null where it is not told
   */
  public static CountedTokens of(long input, long output, @Nullable Long total) {
    return new CountedTokens(input, output, total);
  }

  public CountedTokens cacheRead(long tokens) {
    cacheRead = tokens;
    return this;
  }

  public CountedTokens cacheWrite(long tokens) {
    cacheWrite = tokens;
    return this;
  }

  /**
   * @param cached how many of them were read from the cache, as far as that is told: those that
   *     must have been, because there is no room for them beside, are added
   */
  CountedTokens inputAudio(long tokens, long cached) {
    inputAudio = tokens;
    cacheReadAudio = cached;
    return this;
  }

  public CountedTokens reasoning(long tokens) {
    reasoning = tokens;
    return this;
  }

  /** For a provider that is known to count reasoning beside the output, whatever its total says. */
  CountedTokens reasoningBeside(boolean beside) {
    reasoningBeside = beside;
    return this;
  }

  /** A builder of a usage with all of these, for parts that need no such rule to be added. */
  public Usage.Builder toUsage() {
    long cached = Math.addExact(cacheRead, cacheWrite);
    long rest = total == null ? 0 : total - input - output;
    boolean outputBeside =
        reasoningBeside || (total == null ? reasoning > output : rest >= reasoning);
    if (outputBeside) {
      rest -= reasoning;
    }
    boolean inputBeside =
        cached > input && (total == null || rest >= cached); // inside is what the dialect says
    long wholeInput = inputBeside ? Math.addExact(input, cached) : input;
    return Usage.builder()
        .inputTokens(wholeInput)
        .cacheReadTokens(cacheRead)
        .cacheWriteTokens(cacheWrite)
        .inputAudioTokens(inputAudio)
        .cacheReadAudioTokens(Math.max(cacheReadAudio, inputAudio - (wholeInput - cacheRead)))
        .outputTokens(outputBeside ? Math.addExact(output, reasoning) : output)
        .reasoningTokens(reasoning);
  }
}
