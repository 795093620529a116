package dev.agentops;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads accessors of objects by name, where their classes are not known to us: of providers whose
 * jars came after this one, or are not worth a dependency. Finds the methods of a class once.
 */
final class Shape {

  private static final ClassValue<Map<String, Method>> ACCESSORS =
      new ClassValue<>() {
        @Override
        protected Map<String, Method> computeValue(Class<?> type) {
          Map<String, Method> accessors = new HashMap<>();
          for (Method method : type.getMethods()) {
            if (method.getParameterCount() == 0 && method.trySetAccessible()) {
              accessors.put(method.getName(), method);
            }
          }
          return accessors;
        }
      };

  private Shape() {}

  /** What the first accessor that is there and tells something says; null where none does. */
  static @Nullable Object get(@Nullable Object target, String... names) {
    for (String name : names) {
      Method accessor = target == null ? null : ACCESSORS.get(target.getClass()).get(name);
      Object value = accessor == null ? null : call(accessor, target);
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  /** As {@link #get}, a count; 0 where none tells a number. */
  static long count(@Nullable Object target, String... names) {
    return get(target, names) instanceof Number number ? number.longValue() : 0;
  }

  private static @Nullable Object call(Method accessor, @Nullable Object target) {
    try {
      return accessor.invoke(target);
    } catch (IllegalAccessException e) {
      return null;
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(accessor + " failed", e.getCause());
    }
  }
}
