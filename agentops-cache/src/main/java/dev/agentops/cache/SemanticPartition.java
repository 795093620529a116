package dev.agentops.cache;

import dev.agentops.Attributes;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The questions that may be answered with each other's answers: those of one scope that were asked
 * in one context. Immutable.
 *
 * @param scope says whose they are; no two that differ have the same text
 * @param context a hash of what else decides the answer; empty where nothing does
 * @param prefix what the {@link #id} of each begins with
 */
record SemanticPartition(String scope, String context, String prefix) {

  private static final int HASH_BYTES = 16; // nobody can make two texts of one 128-bit hash

  private static final Pattern ID = Pattern.compile("[0-9a-f]{32}:(?:[0-9a-f]{32})?:[0-9a-f]{32}");

  static SemanticPartition of(String scope, String context) {
    return new SemanticPartition(
        scope, context, scopePrefix(scope) + (context.isEmpty() ? "" : hash(context)) + ':');
  }

  /** The scope of everybody who names it. */
  static String named(String name) {
    return "scope" + quoted(name);
  }

  /** The scope of a tenant's user, or of the tenant, or of those who name neither. */
  static String of(Attributes attributes, boolean shared) {
    return "tenant"
        + quoted(name(attributes, Attributes.TENANT))
        + (shared ? "" : " user" + quoted(name(attributes, Attributes.USER_ID)));
  }

  /** What ids of all partitions of a scope begin with. */
  static String scopePrefix(String scope) {
    return hash(scope) + ':';
  }

  /** The name of a question in this partition. */
  String id(String text) {
    return prefix + hash(text);
  }

  /** Whether this is an {@link #id} of any partition. */
  static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  static String hash(String text) {
    return HexFormat.of().formatHex(CacheKeys.sha256(text), 0, HASH_BYTES);
  }

  /** The tags of all answers that were given to the tenant and the user of these attributes. */
  static Set<String> ownerTags(Attributes attributes) {
    Set<String> tags = new LinkedHashSet<>();
    for (String attribute : List.of(Attributes.TENANT, Attributes.USER_ID)) {
      String owner = name(attributes, attribute);
      if (owner != null) {
        tags.add(AnswerPolicy.ownerTag(attribute, owner));
      }
    }
    return tags;
  }

  private static @Nullable String name(Attributes attributes, String attribute) {
    String text = attributes.text(attribute);
    return text == null || text.isBlank() ? null : text;
  }

  /** With its length, so that no name can end in the middle and go on as another attribute. */
  private static String quoted(@Nullable String name) {
    return name == null ? "[]" : "[" + name.length() + "]=" + name;
  }
}
