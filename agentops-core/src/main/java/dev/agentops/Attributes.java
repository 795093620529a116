package dev.agentops;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable set of named values that describe who calls and why: user, session, team, agent.
 *
 * <p>Values are {@code String}, {@code Boolean}, {@code Long}, {@code Double} or a {@code
 * List<String>}; an {@code Integer} or {@code Short} becomes a {@code Long}, a {@code Float} a
 * {@code Double}, a collection or array a list of texts, anything else its {@code toString()}.
 * Names follow the OpenTelemetry semantic conventions where one exists. Ordered by name.
 * Thread-safe.
 */
public final class Attributes {

  /** Whom the call is made for. */
  public static final String USER_ID = "user.id";

  /** The conversation, as the application knows it. */
  public static final String SESSION_ID = "session.id";

  /** The tenant, where one process serves several. */
  public static final String TENANT = "tenant";

  /** The agent that makes the call. */
  public static final String AGENT_NAME = "gen_ai.agent.name";

  /**
   * Who answers the call and bills it, such as {@code groq}: goes before what LangChain4j tells, to
   * which every host behind {@code OpenAiChatModel} and its {@code baseUrl} is {@code openai}.
   */
  public static final String PROVIDER_NAME = "gen_ai.provider.name";

  /** That a call is a second one, made while the first is awaited: {@value}, which is true. */
  public static final String HEDGE = "agentops.hedge";

  /** Labels to find calls by, a list of texts. */
  public static final String TAGS = "agentops.tags";

  /**
   * The version of the prompt that the application sends. OpenTelemetry has a name for the prompt,
   * {@code gen_ai.prompt.name}, and none for its version yet.
   */
  public static final String PROMPT_VERSION = "gen_ai.prompt.version";

  /** The release of the application that makes the call. */
  public static final String RELEASE = "service.version";

  /** Where the application runs, such as {@code production}. */
  public static final String ENVIRONMENT = "deployment.environment.name";

  private static final Attributes EMPTY = new Attributes(new String[0], new Object[0]);

  private final String[] names;
  private final Object[] values;

  private Attributes(String[] names, Object[] values) {
    this.names = names;
    this.values = values;
  }

  public static Attributes empty() {
    return EMPTY;
  }

  public static Attributes of(String name, Object value) {
    return new Attributes(new String[] {checkName(name)}, new Object[] {normalise(name, value)});
  }

  public static Attributes of(String name1, Object value1, String name2, Object value2) {
    return builder().put(name1, value1).put(name2, value2).build();
  }

  public static Attributes of(
      String name1, Object value1, String name2, Object value2, String name3, Object value3) {
    return builder().put(name1, value1).put(name2, value2).put(name3, value3).build();
  }

  public static Attributes of(
      String name1,
      Object value1,
      String name2,
      Object value2,
      String name3,
      Object value3,
      String name4,
      Object value4) {
    return builder()
        .put(name1, value1)
        .put(name2, value2)
        .put(name3, value3)
        .put(name4, value4)
        .build();
  }

  public static Attributes from(Map<String, ?> values) {
    Builder builder = builder();
    values.forEach(builder::put);
    return builder.build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The value of this name, or null where there is none. */
  @SuppressWarnings("ReferenceEquality") // equal names are found too, after that
  public @Nullable Object get(String name) {
    for (int i = 0; i < names.length; i++) {
      if (names[i] == name) { // as names are constants, mostly
        return values[i];
      }
    }
    int at = Arrays.binarySearch(names, name);
    return at < 0 ? null : values[at];
  }

  /** The value of this name as text, or null where there is none. */
  public @Nullable String text(String name) {
    Object value = get(name);
    return value == null ? null : value.toString();
  }

  public int size() {
    return names.length;
  }

  /** Whether these have all names of the others. */
  boolean covers(Attributes others) {
    for (String name : others.names) {
      if (get(name) == null) {
        return false;
      }
    }
    return true;
  }

  public boolean isEmpty() {
    return names.length == 0;
  }

  /**
   * These attributes and those of {@code other}; where both have a name, the value of {@code
   * other}.
   */
  public Attributes with(Attributes other) {
    if (other.isEmpty()) {
      return this;
    }
    if (isEmpty()) {
      return other;
    }
    Builder builder = builder();
    forEach(builder::put);
    other.forEach(builder::put);
    return builder.build();
  }

  /** These attributes and one more, which replaces one of the same name. */
  public Attributes with(String name, Object value) {
    return with(of(name, value));
  }

  public void forEach(BiConsumer<String, Object> action) {
    for (int i = 0; i < names.length; i++) {
      action.accept(names[i], values[i]);
    }
  }

  /** A copy, ordered by name. */
  public Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    forEach(map::put);
    return map;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Attributes that
        && Arrays.equals(names, that.names)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(names) + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return asMap().toString();
  }

  private static String checkName(String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("an attribute's name must not be blank: '" + name + "'");
    }
    return name;
  }

  private static Object normalise(String name, Object value) {
    Objects.requireNonNull(value, () -> "the value of attribute '" + name + "'");
    if (value instanceof String || value instanceof Boolean) {
      return value;
    }
    if (value instanceof Long || value instanceof Double) {
      return value;
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Float number) {
      return number.doubleValue();
    }
    if (value instanceof Collection<?> values) {
      return values.stream().map(String::valueOf).toList();
    }
    if (value instanceof Object[] values) {
      return Arrays.stream(values).map(String::valueOf).toList();
    }
    return value.toString();
  }

  /** Collects attributes; a name that is put twice keeps its last value. Not thread-safe. */
  public static final class Builder {

    private final TreeMap<String, Object> map = new TreeMap<>();

    private Builder() {}

    public Builder put(String name, Object value) {
      map.put(checkName(name), normalise(name, value));
      return this;
    }

    public Attributes build() {
      if (map.isEmpty()) {
        return EMPTY;
      }
      return new Attributes(map.keySet().toArray(new String[0]), map.values().toArray());
    }
  }
}
