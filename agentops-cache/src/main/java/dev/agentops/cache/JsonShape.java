package dev.agentops.cache;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.AnnotationIntrospector;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.deser.AbstractDeserializer;
import com.fasterxml.jackson.databind.deser.DefaultDeserializationContext;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Walks through a type and all that it is made of, and writes down what JSON of it looks like: two
 * releases of a program whose classes differ get different texts. Used by one thread.
 */
final class JsonShape {

  private final DeserializationConfig config;
  private final DeserializationContext context;
  private final JsonMapper mapper;
  private final Set<JavaType> seen = new HashSet<>();
  private final TreeSet<String> lines = new TreeSet<>(); // reflection has no order of its own

  private JsonShape(JsonMapper mapper) {
    this.mapper = mapper;
    this.config = mapper.getDeserializationConfig();
    this.context =
        ((DefaultDeserializationContext) mapper.getDeserializationContext())
            .createDummyInstance(config);
  }

  /**
   * The shape of a type.
   *
   * @throws IllegalArgumentException if its JSON may name classes, or something in it cannot be
   *     read from JSON
   */
  static String of(JavaType type, JsonMapper mapper) {
    JsonShape shape = new JsonShape(mapper);
    shape.visit(type);
    shape.requireReadable(type, type.toCanonical());
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
      List<String> names =
          Arrays.stream(type.getRawClass().getEnumConstants())
              .map(constant -> ((Enum<?>) constant).name())
              .toList();
      lines.add(type.toCanonical() + names);
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
      if (ids.isEmpty()) {
        requireReadable(property, name);
      }
    }
    for (NamedType subtype :
        mapper.getSubtypeResolver().collectAndResolveSubtypesByClass(config, annotated)) {
      lines.add(type.toCanonical() + idType + " is " + subtype);
      visit(config.constructType(subtype.getType()));
    }
  }

  /** Unless an annotation says what it is read with. */
  private void requireReadable(BeanPropertyDefinition property, String where) {
    AnnotatedMember member = property.getNonConstructorMutator();
    if (property.hasConstructorParameter()) {
      member = property.getConstructorParameter();
    }
    if (member == null || !property.couldDeserialize()) {
      return; // only written
    }
    AnnotationIntrospector annotations = config.getAnnotationIntrospector();
    try {
      if (annotations.findDeserializer(member) == null
          && annotations.findContentDeserializer(member) == null
          && annotations.findDeserializationConverter(member) == null
          && annotations.findDeserializationContentConverter(member) == null) {
        requireReadable(
            annotations.refineDeserializationType(config, member, property.getPrimaryType()),
            where);
      }
    } catch (JsonMappingException e) {
      throw unreadable(where, e.getOriginalMessage(), e);
    }
  }

  private void requireReadable(JavaType type, String where) {
    if (type.getContentType() != null) {
      requireReadable(type.getContentType(), where);
    }
    try {
      if (context.findRootValueDeserializer(type) instanceof AbstractDeserializer) {
        throw unreadable(
            where,
            type.toCanonical()
                + " is abstract, and nothing says which class to make; use @JsonTypeInfo(use ="
                + " NAME) and @JsonSubTypes",
            null);
      }
    } catch (JsonMappingException e) {
      throw unreadable(where, e.getOriginalMessage(), e);
    }
  }

  private static IllegalArgumentException unreadable(
      String where, String why, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "values of " + where + " cannot be read from JSON: " + why, cause);
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
