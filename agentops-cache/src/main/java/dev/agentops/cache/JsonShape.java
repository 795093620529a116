package dev.agentops.cache;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.AnnotationIntrospector;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Walks through a type and all that it is made of, and writes down what JSON of it looks like: two
 * releases of a program whose classes differ get different texts. Used by one thread.
 */
final class JsonShape {

  private final DeserializationConfig config;
  private final JsonMapper mapper;
  private final Set<JavaType> seen = new HashSet<>();
  private final TreeSet<String> lines = new TreeSet<>(); // reflection has no order of its own

  private JsonShape(JsonMapper mapper) {
    this.mapper = mapper;
    this.config = mapper.getDeserializationConfig();
  }

  /**
   * The shape of a type.
   *
   * @throws IllegalArgumentException if its JSON may name classes
   */
  static String of(JavaType type, JsonMapper mapper) {
    JsonShape shape = new JsonShape(mapper);
    shape.visit(type);
    return type.toCanonical() + ' ' + shape.lines;
  }

  private void visit(@Nullable JavaType type) {
    if (type == null || !seen.add(type)) {
      return;
    }
    visit(type.getKeyType());
    visit(type.getContentType());
    visit(type.getReferencedType());
    for (int i = 0; i < type.containedTypeCount(); i++) {
      visit(type.containedType(i));
    }
    if (type.isEnumType()) {
      lines.add(type.toCanonical() + Arrays.toString(type.getRawClass().getEnumConstants()));
    } else if (!type.isPrimitive() && !type.getRawClass().getName().startsWith("java.")) {
      visitBean(type);
    }
  }

  private void visitBean(JavaType type) {
    AnnotatedClass annotated = config.introspectClassAnnotations(type).getClassInfo();
    String idType = requireNoClassNames(annotated, type.toCanonical());
    if (type.isContainerType()) {
      return;
    }
    for (BeanPropertyDefinition property : config.introspect(type).findProperties()) {
      String name = type.toCanonical() + '.' + property.getName();
      String ids = requireNoClassNames(property.getPrimaryMember(), name);
      lines.add(name + ':' + property.getPrimaryType().toCanonical() + ids);
      visit(property.getPrimaryType());
    }
    for (NamedType subtype :
        mapper.getSubtypeResolver().collectAndResolveSubtypesByClass(config, annotated)) {
      lines.add(type.toCanonical() + idType + " is " + subtype);
      visit(config.constructType(subtype.getType()));
    }
  }

  /** How the JSON tells which subtype it is, if it does. */
  private String requireNoClassNames(@Nullable Annotated annotated, String where) {
    AnnotationIntrospector annotations = config.getAnnotationIntrospector();
    JsonTypeInfo.Value info =
        annotated == null ? null : annotations.findPolymorphicTypeInfo(config, annotated);
    if (info == null) {
      return "";
    }
    if (info.getIdType() == JsonTypeInfo.Id.CLASS
        || info.getIdType() == JsonTypeInfo.Id.MINIMAL_CLASS) {
      throw new IllegalArgumentException(
          "the JSON of "
              + where
              + " would name classes (@JsonTypeInfo(use = "
              + info.getIdType()
              + ")), so that whoever can write to the store could have any class made;"
              + " use names and @JsonSubTypes");
    }
    return " by " + info.getIdType();
  }
}
