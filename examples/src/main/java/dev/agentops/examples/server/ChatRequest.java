package dev.agentops.examples.server;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The body of {@code POST /chat} and {@code POST /chat/stream}. */
record ChatRequest(
    @JsonPropertyDescription("What the user says.")
        @NotBlank(message = "Must not be blank")
        @Size(max = MAX_MESSAGE, message = "Must have at most {max} characters")
        String message,
    @JsonPropertyDescription(
            "The conversation to continue; any name the client likes. Without it the message starts"
                + " a new one, whose id is in the answer.")
        @Pattern(
            regexp = "^[A-Za-z0-9._-]{1,100}$",
            message = "Must be 1 to 100 letters, digits, '.', '_' or '-'")
        @Nullable String sessionId,
    @JsonPropertyDescription("Facts for the assistant, such as the user's language.")
        @Size(max = 20, message = "Must have at most {max} entries")
        @Nullable
            Map<
                @Pattern(
                    regexp = "^[A-Za-z0-9._-]{1,64}$",
                    message = "A name must be 1 to 64 letters, digits, '.', '_' or '-'")
                String,
                @NotNull @Size(max = 2_000, message = "Must have at most {max} characters") String>
            context) {

  /** The most characters of a message: {@value}. */
  static final int MAX_MESSAGE = 20_000;
}
