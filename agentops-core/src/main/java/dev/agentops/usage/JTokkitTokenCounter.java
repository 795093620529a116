package dev.agentops.usage;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import dev.agentops.TokenCounter;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Counts tokens with JTokkit, the optional {@code com.knuddels:jtokkit}: exactly as OpenAI's models
 * do, {@code cl100k_base} up to GPT-4 and for embeddings, {@code o200k_base} since GPT-4o. For all
 * other models {@code o200k_base} is an approximation. Thread-safe.
 *
 * <p>The first count of each encoding reads its table, some megabytes and a second or more of work;
 * an {@code AgentOps} that uses it by default has {@code o200k_base} read in the background when it
 * is built.
 */
public final class JTokkitTokenCounter implements TokenCounter {

  /** GPT-4 and 3.5 and their embeddings, under the names of OpenAI, Azure and fine-tuning. */
  private static final Pattern CL100K =
      Pattern.compile("(.*/)?(ft:)?(gpt-4(?!o|\\.\\d)|gpt-3\\.?5|gpt-35|text-embedding-(3|ada)).*");

  private final EncodingRegistry encodings = Encodings.newLazyEncodingRegistry();

  private JTokkitTokenCounter() {}

  /**
   * A counter with tables of its own.
   *
   * @throws IllegalStateException if JTokkit is not on the class path
   */
  public static JTokkitTokenCounter create() {
    try {
      return new JTokkitTokenCounter();
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "JTokkitTokenCounter needs com.knuddels:jtokkit on the class path", e);
    }
  }

  @Override
  public long count(@Nullable String model, String text) {
    Encoding encoding =
        encodings.getEncoding(
            model != null && CL100K.matcher(model.toLowerCase(Locale.ROOT)).matches()
                ? EncodingType.CL100K_BASE
                : EncodingType.O200K_BASE);
    return encoding.countTokensOrdinary(text);
  }
}
