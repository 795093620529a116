package dev.agentops.tracing;

import dev.agentops.Attributes;
import dev.agentops.Context;
import dev.agentops.ContextMirror;
import dev.agentops.Scope;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Puts the ids of the current span, session and user into SLF4J's MDC, so that each log line tells
 * which run it belongs to.
 *
 * <pre>{@code
 * try (AutoCloseable logging = LogContext.install(tracer)) { ... }
 * }</pre>
 *
 * <p>While a scope is open, on whatever thread, the MDC holds {@value #TRACE_ID}, {@value
 * #SPAN_ID}, {@value #SESSION_ID} and {@value #USER_ID}, as far as they are known; after it, what
 * it held before. Other entries are left alone.
 */
public final class LogContext {

  public static final String TRACE_ID = "trace_id";
  public static final String SPAN_ID = "span_id";

  /** From the scope's {@link Attributes#SESSION_ID}. */
  public static final String SESSION_ID = "session_id";

  /** From the scope's {@link Attributes#USER_ID}. */
  public static final String USER_ID = "user_id";

  private static final String[] NAMES = {TRACE_ID, SPAN_ID, SESSION_ID, USER_ID};

  private LogContext() {}

  /** Starts with the scopes that open from now on; ends when the registration is closed. */
  public static ContextMirror.Registration install(Tracer tracer) {
    return Scope.mirror(new Mirror(Objects.requireNonNull(tracer, "tracer")));
  }

  /** The values of {@link #NAMES} when a scope opened, those of the host, and those put instead. */
  private record Frame(
      @Nullable Frame outer,
      @Nullable String[] before,
      @Nullable String[] hosts,
      @Nullable String[] shown) {}

  private static final class Mirror implements ContextMirror {

    private final Tracer tracer;
    private final ThreadLocal<@Nullable Frame> innermost = new ThreadLocal<>();

    Mirror(Tracer tracer) {
      this.tracer = tracer;
    }

    @Override
    public Object enter(Context context) {
      Frame outer = innermost.get();
      @Nullable String[] before = read();
      @Nullable String[] hosts = hosts(before, outer);
      @Nullable String[] shown = ours(context);
      for (int i = 0; i < NAMES.length; i++) {
        shown[i] = shown[i] == null ? hosts[i] : shown[i];
      }
      write(shown);
      Frame frame = new Frame(outer, before, hosts, shown);
      innermost.set(frame);
      return frame;
    }

    @Override
    public void exit(@Nullable Object saved) {
      Frame frame = (Frame) Objects.requireNonNull(saved);
      write(frame.before);
      if (frame.outer == null) {
        innermost.remove();
      } else {
        innermost.set(frame.outer);
      }
    }

    private @Nullable String[] ours(Context context) {
      TraceContext found = tracer.spanIn(context);
      TraceContext span = found != null && found.isRecording() ? found : null;
      Attributes who = context.attributes();
      return new @Nullable String[] {
        span == null ? null : span.traceId(),
        span == null ? null : span.spanId(),
        who.text(Attributes.SESSION_ID),
        who.text(Attributes.USER_ID)
      };
    }

    /** What the host put itself, also while a scope of ours was open. */
    private static @Nullable String[] hosts(@Nullable String[] before, @Nullable Frame outer) {
      if (outer == null) {
        return before;
      }
      @Nullable String[] hosts = before.clone();
      for (int i = 0; i < NAMES.length; i++) {
        if (Objects.equals(before[i], outer.shown[i])) {
          hosts[i] = outer.hosts[i];
        }
      }
      return hosts;
    }

    private static @Nullable String[] read() {
      @Nullable String[] values = new @Nullable String[NAMES.length];
      for (int i = 0; i < NAMES.length; i++) {
        values[i] = MDC.get(NAMES[i]);
      }
      return values;
    }

    private static void write(@Nullable String[] values) {
      for (int i = 0; i < NAMES.length; i++) {
        if (values[i] == null) {
          MDC.remove(NAMES[i]);
        } else {
          MDC.put(NAMES[i], values[i]);
        }
      }
    }
  }
}
