package dev.agentops.tracing.otel;

import dev.agentops.Attributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends spans through any exporter of OpenTelemetry: OTLP over HTTP or gRPC, Zipkin, the log.
 *
 * <pre>{@code
 * SpanExporter exporter =
 *     OpenTelemetrySpanExporter.builder(OtlpHttpSpanExporter.builder().setEndpoint(url).build())
 *         .serviceName("support-bot")
 *         .environment("production")
 *         .dialect(Dialect.LANGFUSE)
 *         .build();
 * }</pre>
 *
 * <p>Trace ids that are not 32 lower-case hex digits are sent as a hash of 128 bits, the same for
 * the same id everywhere, with the id itself in the attribute {@code agentops.trace.id}. A batch
 * that failed or was not confirmed in time is to be sent again; back ends recognise by its id a
 * span that they have. Thread-safe.
 */
public final class OpenTelemetrySpanExporter implements SpanExporter {

  private static final String SCOPE = "dev.agentops.tracing";

  private final io.opentelemetry.sdk.trace.export.SpanExporter delegate;
  private final Dialect dialect;
  private final Duration timeout;
  private final @Nullable String environment;
  private final @Nullable String release;
  private final Resource resource;
  private final InstrumentationScopeInfo scope;
  private final RootNames rootNames = new RootNames();

  private OpenTelemetrySpanExporter(Builder from) {
    delegate = from.delegate;
    dialect = from.dialect;
    timeout = from.timeout;
    Attributes ours = from.resource.build();
    environment = ours.text(Attributes.ENVIRONMENT);
    release = ours.text(Attributes.RELEASE);
    resource = Resource.getDefault().merge(Resource.create(AttributeWriter.convert(ours)));
    scope = scope(OpenTelemetrySpanExporter.class.getPackage().getImplementationVersion());
  }

  /**
   * Starts with the exporter that sends; it is closed with this one.
   *
   * <p>One that retries by itself, as those for OTLP do, should be told not to: the tracer does,
   * and waits longer each time.
   */
  public static Builder builder(io.opentelemetry.sdk.trace.export.SpanExporter delegate) {
    return new Builder(Objects.requireNonNull(delegate, "delegate"));
  }

  private static InstrumentationScopeInfo scope(@Nullable String version) {
    return version == null
        ? InstrumentationScopeInfo.create(SCOPE)
        : InstrumentationScopeInfo.builder(SCOPE).setVersion(version).build();
  }

  /**
   * Sends a batch, and returns when the back end has confirmed it.
   *
   * @throws IOException if the exporter failed, or did not say in time that it succeeded
   */
  @Override
  public void export(List<Span> spans) throws IOException {
    Origin origin = new Origin(environment, release, rootNames.of(spans));
    List<SpanData> converted = spans.stream().<SpanData>map(span -> convert(span, origin)).toList();
    await(delegate.export(converted), "sending " + spans.size() + " spans");
  }

  @Override
  public void flush() throws IOException {
    await(delegate.flush(), "flushing");
  }

  /** Shuts the exporter down that sends, and waits for it as long as for a batch. */
  @Override
  public void close() {
    delegate.shutdown().join(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private SpanData convert(Span span, Origin origin) {
    return new ExportedSpan(span, dialect.attributes(span, origin), scope, resource);
  }

  private void await(CompletableResultCode result, String what) throws IOException {
    result.join(timeout.toMillis(), TimeUnit.MILLISECONDS);
    if (!result.isDone()) {
      throw new IOException(what + " through " + delegate + " took longer than " + timeout);
    }
    if (!result.isSuccess()) {
      throw new IOException(
          what + " through " + delegate + " failed", result.getFailureThrowable());
    }
  }

  /** Configures an {@link OpenTelemetrySpanExporter}. Not thread-safe. */
  public static final class Builder {

    /** {@value} seconds. */
    public static final long DEFAULT_TIMEOUT_SECONDS = 30;

    private static final String SERVICE_NAME = "service.name";

    private final io.opentelemetry.sdk.trace.export.SpanExporter delegate;
    private final Attributes.Builder resource = Attributes.builder();
    private Dialect dialect = Dialect.GEN_AI;
    private Duration timeout = Duration.ofSeconds(DEFAULT_TIMEOUT_SECONDS);

    private Builder(io.opentelemetry.sdk.trace.export.SpanExporter delegate) {
      this.delegate = delegate;
    }

    /** The names that the back end reads; {@link Dialect#GEN_AI} unless said. */
    public Builder dialect(Dialect dialect) {
      this.dialect = Objects.requireNonNull(dialect, "dialect");
      return this;
    }

    /**
     * What the program is called, {@code service.name}; OpenTelemetry's {@code
     * unknown_service:java} unless said.
     *
     * @throws IllegalArgumentException if blank
     */
    public Builder serviceName(String name) {
      return resource(SERVICE_NAME, name);
    }

    /**
     * The version of the program, {@code service.version}.
     *
     * @throws IllegalArgumentException if blank
     */
    public Builder serviceVersion(String version) {
      return resource(Attributes.RELEASE, version);
    }

    /**
     * Where the program runs, such as {@code production}: {@code deployment.environment.name}.
     *
     * @throws IllegalArgumentException if blank
     */
    public Builder environment(String environment) {
      return resource(Attributes.ENVIRONMENT, environment);
    }

    /** More attributes of the program, beside its name, version and environment. */
    public Builder resourceAttributes(Attributes attributes) {
      attributes.forEach(resource::put);
      return this;
    }

    /**
     * How long to wait for the confirmation of one batch; {@value #DEFAULT_TIMEOUT_SECONDS} seconds
     * unless said. Should be more than the exporter's own timeout, which tells more.
     *
     * @throws IllegalArgumentException if shorter than a millisecond
     */
    public Builder timeout(Duration timeout) {
      if (timeout.compareTo(Duration.ofMillis(1)) < 0) {
        throw new IllegalArgumentException("timeout must be 1 ms at least: " + timeout);
      }
      this.timeout = timeout;
      return this;
    }

    public OpenTelemetrySpanExporter build() {
      return new OpenTelemetrySpanExporter(this);
    }

    private Builder resource(String name, String value) {
      if (value.isBlank()) {
        throw new IllegalArgumentException(name + " must not be blank: '" + value + "'");
      }
      resource.put(name, value);
      return this;
    }
  }
}
