package dev.agentops.tracing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What few spans have: an error, metadata, events, links, a parent elsewhere, and attributes from
 * another thread than that which started it. Thread-safe.
 */
final class SpanDetails {

  private @Nullable String error;
  private @Nullable String errorType;
  private @Nullable String remoteParent;
  private @Nullable Map<String, Object> metadata;
  private Object @Nullable [] attributes;
  private List<SpanEvent> events = List.of();
  private List<SpanLink> links = List.of();
  private int droppedAttributes;
  private int droppedEvents;

  synchronized void error(@Nullable String error, @Nullable String errorType) {
    this.error = error;
    this.errorType = errorType;
  }

  synchronized void remoteParent(String spanId) {
    remoteParent = spanId;
  }

  synchronized void metadata(Map<String, Object> metadata) {
    this.metadata = metadata;
  }

  /** Gives up what may be large: all but the error, the parent and the links. */
  synchronized void shed() {
    error = error == null ? null : Payloads.cutName(error);
    metadata = null;
    attributes = null;
    droppedEvents += events.size();
    events = List.of();
  }

  synchronized void attribute(String name, Object value) {
    Object[] more = AttributeArray.with(attributes, name, value);
    if (more == null) {
      droppedAttributes++;
    } else {
      attributes = more;
    }
  }

  synchronized void dropAttribute() {
    droppedAttributes++;
  }

  synchronized void event(SpanEvent event) {
    if (events.size() == Span.Builder.MAXIMUM_EVENTS) {
      droppedEvents++;
      return;
    }
    if (events.isEmpty()) {
      events = new ArrayList<>(2);
    }
    events.add(event);
  }

  synchronized void link(SpanLink link) {
    if (links.isEmpty()) {
      links = new ArrayList<>(1);
    }
    if (links.size() < Span.Builder.MAXIMUM_LINKS) {
      links.add(link);
    }
  }

  /** The type of the error, which an attribute that the caller sets replaces. */
  synchronized @Nullable String errorType() {
    return errorType;
  }

  synchronized void copyTo(Span.Builder span) {
    span.error(error);
    if (remoteParent != null) {
      span.parentSpanId(remoteParent).attribute(GenAiAttributes.REMOTE_PARENT, true);
    }
    if (metadata != null) {
      span.metadata(metadata);
    }
    AttributeArray.copy(attributes, span);
    span.droppedAttributes(droppedAttributes);
    events.forEach(span::event);
    span.droppedEvents(droppedEvents);
    links.forEach(span::link);
  }

  synchronized long estimatedBytes() {
    long bytes = 64 + Payloads.estimatedBytes(error) + Payloads.estimatedBytes(metadata);
    if (attributes != null) {
      bytes += Payloads.estimatedBytes(attributes);
    }
    for (SpanEvent event : events) {
      bytes +=
          Payloads.estimatedBytes(event.name())
              + Payloads.estimatedBytes(event.attributes().asMap());
    }
    return bytes + 200L * links.size();
  }
}
