package dev.agentops.tracing.otel;

import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanEvent;
import dev.agentops.tracing.SpanLink;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.common.InstrumentationLibraryInfo;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A span of ours as OpenTelemetry's exporters read it. Immutable, hence thread-safe. */
final class ExportedSpan implements SpanData {

  private static final String EXCEPTION = "exception";

  private final Span span;
  private final Attributes attributes;
  private final InstrumentationScopeInfo scope;
  private final Resource resource;
  private final SpanContext context;
  private final SpanContext parent;
  private final List<EventData> events;
  private final List<LinkData> links;

  ExportedSpan(
      Span span, Attributes attributes, InstrumentationScopeInfo scope, Resource resource) {
    this.span = span;
    this.attributes = attributes;
    this.scope = scope;
    this.resource = resource;
    context = W3cIds.context(span.traceId(), span.spanId());
    String parentId = span.parentSpanId();
    parent = parentId == null ? SpanContext.getInvalid() : W3cIds.context(span.traceId(), parentId);
    events = events(span);
    links = span.links().stream().map(ExportedSpan::convert).toList();
  }

  private static List<EventData> events(Span span) {
    List<EventData> events = new ArrayList<>();
    boolean told = false;
    for (SpanEvent event : span.events()) {
      told |= event.name().equals(EXCEPTION);
      events.add(
          EventData.create(
              epochNanos(event.timestamp()),
              event.name(),
              AttributeWriter.convert(event.attributes())));
    }
    String error = span.error();
    if (error != null && !told) {
      events.add(EventData.create(epochNanos(span.endTime()), EXCEPTION, exception(span, error)));
    }
    return List.copyOf(events);
  }

  /** The type and the message apart, as the conventions want them. */
  private static Attributes exception(Span span, String error) {
    AttributeWriter told = new AttributeWriter().put("exception.message", error);
    if (span.attribute(GenAiAttributes.ERROR_TYPE) instanceof String type) {
      told.put("exception.type", type);
      if (error.startsWith(type + ": ")) {
        told.put("exception.message", error.substring(type.length() + 2));
      }
    }
    return told.build();
  }

  private static LinkData convert(SpanLink link) {
    return LinkData.create(
        W3cIds.context(link.traceId(), link.spanId()), AttributeWriter.convert(link.attributes()));
  }

  /** Saturates, rather than that a time out of range takes the whole batch with it. */
  private static long epochNanos(Instant time) {
    long seconds = TimeUnit.SECONDS.toNanos(time.getEpochSecond());
    return seconds >= Long.MAX_VALUE - time.getNano()
        ? Long.MAX_VALUE
        : Math.max(0, seconds + time.getNano());
  }

  @Override
  public String getName() {
    return span.name();
  }

  @Override
  public SpanKind getKind() {
    return switch (span.kind()) {
      case INTERNAL -> SpanKind.INTERNAL;
      case CLIENT -> SpanKind.CLIENT;
    };
  }

  @Override
  public SpanContext getSpanContext() {
    return context;
  }

  @Override
  public SpanContext getParentSpanContext() {
    return parent;
  }

  @Override
  public StatusData getStatus() {
    if (!span.status().isError()) {
      return StatusData.unset(); // OK is for people to set, say the conventions
    }
    String error = span.error();
    @Nullable String unusual = AttributeMapping.unusualStatus(span);
    return StatusData.create(
        StatusCode.ERROR, error != null ? error : unusual != null ? unusual : "");
  }

  @Override
  public long getStartEpochNanos() {
    return epochNanos(span.startTime());
  }

  @Override
  public long getEndEpochNanos() {
    return epochNanos(span.endTime());
  }

  @Override
  public Attributes getAttributes() {
    return attributes;
  }

  @Override
  public List<EventData> getEvents() {
    return events;
  }

  @Override
  public List<LinkData> getLinks() {
    return links;
  }

  @Override
  public boolean hasEnded() {
    return true;
  }

  @Override
  public int getTotalRecordedEvents() {
    return events.size() + span.droppedEvents();
  }

  @Override
  public int getTotalRecordedLinks() {
    return links.size();
  }

  @Override
  public int getTotalAttributeCount() {
    return attributes.size() + span.droppedAttributes();
  }

  @Override
  @Deprecated
  public InstrumentationLibraryInfo getInstrumentationLibraryInfo() {
    return InstrumentationLibraryInfo.create(scope.getName(), scope.getVersion());
  }

  @Override
  public InstrumentationScopeInfo getInstrumentationScopeInfo() {
    return scope;
  }

  @Override
  public Resource getResource() {
    return resource;
  }
}
