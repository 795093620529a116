package dev.agentops.examples.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.javalin.http.Context;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Path;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;
import org.jspecify.annotations.Nullable;

/** Reads the body of a request into a record, and refuses what is not exactly that. */
final class RequestBody {

  /** The most bytes of a body: {@value}. */
  static final int MAX_BYTES = 1_000_000;

  private static final java.util.regex.Pattern JSON_TYPE =
      java.util.regex.Pattern.compile(
          "application/json\\s*(;\\s*charset\\s*=\\s*\"?utf-8\"?\\s*)?",
          java.util.regex.Pattern.CASE_INSENSITIVE);

  private static final Validator VALIDATOR =
      Validation.byDefaultProvider()
          .configure()
          .messageInterpolator(new ParameterMessageInterpolator())
          .buildValidatorFactory()
          .getValidator();

  private RequestBody() {}

  static <T> T read(Context context, Class<T> type) throws IOException {
    requireJson(context.contentType());
    T body = parse(bytes(context), type);
    Set<ConstraintViolation<T>> violations = VALIDATOR.validate(body);
    if (!violations.isEmpty()) {
      throw ApiError.invalid(
          violations.stream()
              .map(RequestBody::detail)
              .sorted(Comparator.comparing(detail -> detail.loc().toString()))
              .toList());
    }
    return body;
  }

  private static void requireJson(@Nullable String contentType) {
    if (contentType == null || !JSON_TYPE.matcher(contentType.strip()).matches()) {
      throw ApiError.of(
          415,
          "unsupported_media_type",
          "The body must be JSON in UTF-8: send the header 'Content-Type: application/json'",
          "header",
          "content-type");
    }
  }

  private static byte[] bytes(Context context) throws IOException {
    InputStream in = context.req().getInputStream();
    boolean announced = context.req().getContentLengthLong() > MAX_BYTES;
    byte[] bytes = announced ? new byte[0] : in.readNBytes(MAX_BYTES + 1);
    if (announced || bytes.length > MAX_BYTES) {
      // closing on a client that is still sending would take the answer from it
      in.skip(2L * MAX_BYTES);
      throw tooLarge();
    }
    return bytes;
  }

  private static ApiError tooLarge() {
    return ApiError.of(
        413, "body_too_large", "The body may have at most " + MAX_BYTES + " bytes", "body");
  }

  private static <T> T parse(byte[] bytes, Class<T> type) throws IOException {
    try {
      T body = Json.STRICT.readValue(bytes, type);
      if (body == null) {
        throw ApiError.invalid(
            List.of(new ApiError.Detail(List.of("body"), "Must be an object", "object_type")));
      }
      return body;
    } catch (MismatchedInputException e) {
      if (e.getPath().isEmpty() && bytes.length == 0) {
        throw malformed("The body is empty");
      }
      throw ApiError.invalid(List.of(detail(e)));
    } catch (StreamReadException e) {
      throw malformed("The body is not JSON: " + e.getOriginalMessage());
    } catch (JsonProcessingException e) {
      throw malformed("The body is not JSON");
    } catch (CharConversionException e) {
      throw malformed("The body is not UTF-8");
    }
  }

  private static ApiError malformed(String message) {
    return ApiError.of(400, "json_invalid", message, "body");
  }

  private static ApiError.Detail detail(MismatchedInputException e) {
    List<String> where = new ArrayList<>(List.of("body"));
    for (JsonMappingException.Reference step : e.getPath()) {
      where.add(
          step.getFieldName() == null
              ? Integer.toString(step.getIndex())
              : shortened(step.getFieldName()));
    }
    if (e instanceof UnrecognizedPropertyException) {
      return new ApiError.Detail(where, "There is no such field", "extra_forbidden");
    }
    Class<?> wanted = e.getTargetType();
    if (wanted == String.class) {
      return new ApiError.Detail(where, "Must be a text", "string_type");
    }
    return e.getPath().isEmpty() && String.valueOf(e.getMessage()).startsWith("Trailing token")
        ? new ApiError.Detail(where, "There is more after the object", "trailing_data")
        : new ApiError.Detail(where, "Must be an object", "object_type");
  }

  private static ApiError.Detail detail(ConstraintViolation<?> violation) {
    List<String> where = new ArrayList<>(List.of("body"));
    for (Path.Node node : violation.getPropertyPath()) {
      if (node.getKey() != null) {
        where.add(shortened(node.getKey().toString()));
      }
      if (node.getName() != null && !node.getName().startsWith("<")) {
        where.add(Json.name(node.getName()));
      }
    }
    Class<? extends Annotation> rule =
        violation.getConstraintDescriptor().getAnnotation().annotationType();
    boolean missing =
        violation.getInvalidValue() == null && (rule == NotBlank.class || rule == NotNull.class);
    return new ApiError.Detail(
        where,
        missing ? "Field required" : violation.getMessage(),
        missing ? "missing" : type(rule, violation.getInvalidValue()));
  }

  private static String type(Class<? extends Annotation> rule, Object value) {
    if (rule == NotBlank.class) {
      return "string_blank";
    }
    if (rule == Pattern.class) {
      return "string_pattern_mismatch";
    }
    if (rule == Size.class) {
      return value instanceof String ? "string_length" : "too_long";
    }
    return "value_error";
  }

  private static String shortened(String name) {
    return name.length() <= 100 ? name : name.substring(0, 100) + "...";
  }
}
