package dev.agentops.cache;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What there is to know of a data class for {@link CanonicalHash}: its fields, and whether its
 * instances can change. Immutable.
 *
 * @param digest a hash of the names of the class and of its fields
 * @param onlyFinalFields whether no field can be set to another value
 * @param copies whether the collections in its fields are views of copies that nobody else holds
 */
record Shape(byte[] digest, List<Field> fields, boolean onlyFinalFields, boolean copies) {

  /** Where LangChain4j's constructors copy every collection ({@code Utils.copy}). */
  private static final List<String> COPYING =
      List.of(
          "dev.langchain4j.data.",
          "dev.langchain4j.agent.tool.",
          "dev.langchain4j.model.chat.request.json.");

  private static final Class<?> IMMUTABLE = List.of().getClass().getEnclosingClass();

  private static final ClassValue<Shape> SHAPES =
      new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
          return shape(type);
        }
      };

  /** The class that a private class of the JDK's collections is within. */
  private static final ClassValue<@Nullable Class<?>> FAMILIES =
      new ClassValue<>() {
        @Override
        protected @Nullable Class<?> computeValue(Class<?> type) {
          return type.getEnclosingClass(); // slow
        }
      };

  static Shape of(Class<?> type) {
    return SHAPES.get(type);
  }

  /**
   * Whether a collection or map can neither lose nor gain an element.
   *
   * @param copied whether an immutable view of it is all that there is
   */
  static boolean isFrozen(Object container, boolean copied) {
    @Nullable Class<?> family = FAMILIES.get(container.getClass());
    return family != null && (family == IMMUTABLE || (copied && family == Collections.class));
  }

  private static Shape shape(Class<?> type) {
    List<Field> fields = fields(type);
    StringBuilder names = new StringBuilder(type.getName());
    for (Field field : fields) {
      names.append('\n').append(field.getDeclaringClass().getName());
      names.append('.').append(field.getName());
    }
    return new Shape(
        CanonicalHash.sha256().digest(names.toString().getBytes(StandardCharsets.UTF_8)),
        fields,
        fields.stream().allMatch(field -> Modifier.isFinal(field.getModifiers())),
        COPYING.stream().anyMatch(type.getName()::startsWith));
  }

  private static List<Field> fields(Class<?> type) {
    List<Field> fields = new ArrayList<>();
    for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
      List<Field> declared = new ArrayList<>(List.of(c.getDeclaredFields()));
      declared.removeIf(field -> Modifier.isStatic(field.getModifiers()) || field.isSynthetic());
      declared.sort(Comparator.comparing(Field::getName)); // the JVM promises no order
      for (Field field : declared) {
        if (!field.trySetAccessible()) {
          throw new CanonicalHash.UnhashableException("unreadable " + field);
        }
      }
      fields.addAll(declared);
    }
    return List.copyOf(fields);
  }
}
