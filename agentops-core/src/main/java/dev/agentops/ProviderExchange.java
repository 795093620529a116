package dev.agentops;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What goes on over the network for a call: the last answer's status and headers, which
 * LangChain4j's exceptions do not carry, and the means to break it off.
 *
 * <p>Each {@link ProviderCall} has one, {@link ProviderCall#exchange()}, which is current while the
 * wrapped model is asked. The HTTP client tells it of answers and how to break off; {@code
 * dev.agentops.http.AgentHttpClient} does so, other clients leave it empty. One that is opened
 * around calls learns of their answers, too, and breaks all of them off:
 *
 * <pre>{@code
 * ProviderExchange exchange = ProviderExchange.create();
 * try (Scope scope = exchange.open()) {
 *   streaming.chat(request, handler);
 * }
 * exchange.breakOff(); // on whatever thread, also before the first token
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class ProviderExchange {

  private static final Key<ProviderExchange> KEY = Key.of("provider exchange");
  private static final Answer NO_ANSWER = new Answer(0, Map.of(), 0);
  private static final FaultLog FAULTS = new FaultLog(ProviderExchange.class, Clock.system());

  private final @Nullable ProviderExchange outer;
  private final List<Registration> registrations = new ArrayList<>(2); // guarded by this
  private volatile Answer answer = NO_ANSWER; // written under this
  private volatile @Nullable RuntimeException reason; // written under this

  private ProviderExchange(@Nullable ProviderExchange outer) {
    this.outer = outer;
  }

  /** An exchange around those calls that will be made while it is open; within the current one. */
  public static ProviderExchange create() {
    return within(Context.current());
  }

  static ProviderExchange within(Context context) {
    return new ProviderExchange(context.get(KEY));
  }

  /** That of the call which the code of this thread answers, as a wrapped model; null for none. */
  public static @Nullable ProviderExchange current() {
    return Context.current().get(KEY);
  }

  /** The context with this exchange, for work on another thread. */
  public Context in(Context context) {
    return context.with(KEY, this);
  }

  /** Makes this the exchange around the calls of this thread until the scope is closed. */
  public Scope open() {
    return in(Context.current()).makeCurrent();
  }

  /**
   * Tells of an answer, as soon as its headers are there; for HTTP clients. Cookies are dropped.
   *
   * @param headers of the response
   */
  public void answered(int status, Map<String, List<String>> headers) {
    Map<String, List<String>> kept = kept(headers);
    for (ProviderExchange one = this; one != null; one = one.outer) {
      one.add(status, kept);
    }
  }

  /** The status of the last answer; zero where there was none. */
  public int status() {
    return answer.status;
  }

  /** The headers of the last answer, the names of which disregard case; unmodifiable. */
  public Map<String, List<String>> headers() {
    return answer.headers;
  }

  /**
   * How many answers there were: more than one where LangChain4j has repeated a failed request, or
   * asked in several parts.
   */
  public int answers() {
    return answer.number;
  }

  /**
   * Says how to break off what is under way; for HTTP clients and for those who wait for them. Runs
   * at most once, here and now if it has been broken off already. What it throws is logged.
   *
   * @param action must not block
   * @return to be closed when there is nothing to break off any more
   */
  public Registration breakOffWith(Runnable action) {
    Registration registration = new Registration(this, action);
    for (ProviderExchange one = this; one != null; one = one.outer) {
      one.add(registration);
    }
    return registration;
  }

  /**
   * Breaks off what is under way, and what would follow, because nobody wants it any more: the
   * caller gets a {@link CancellationException}. A stream ends at once; a call that waits for its
   * answer does if its HTTP client has told how to break off. Without effect the second time, and
   * after the end.
   */
  public void breakOff() {
    breakOff(new CancellationException("the call was broken off"));
  }

  /**
   * As {@link #breakOff()}, for another reason.
   *
   * @param reason what the caller gets
   */
  public void breakOff(RuntimeException reason) {
    Objects.requireNonNull(reason, "reason");
    List<Registration> all;
    synchronized (this) {
      if (this.reason != null) {
        return;
      }
      this.reason = reason;
      all = new ArrayList<>(registrations);
      registrations.clear();
    }
    Collections.reverse(all); // the connection before the caller's handler, which may take its time
    all.forEach(Registration::run);
  }

  /** Why it was broken off, or that which it is a part of; null where it was not. */
  public @Nullable RuntimeException reason() {
    RuntimeException found = reason;
    return found != null || outer == null ? found : outer.reason();
  }

  private synchronized void add(int status, Map<String, List<String>> headers) {
    answer = new Answer(status, headers, answer.number + 1);
  }

  private void add(Registration registration) {
    boolean late;
    synchronized (this) {
      late = reason != null;
      if (!late) {
        registrations.add(registration);
      }
    }
    if (late) {
      registration.run();
    }
  }

  private synchronized void remove(Registration registration) {
    registrations.remove(registration);
  }

  private static Map<String, List<String>> kept(Map<String, List<String>> headers) {
    Map<String, List<String>> kept = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach(
        (name, values) -> {
          if (name != null && values != null && !name.startsWith(":")) { // no pseudo-headers
            kept.put(name, List.copyOf(values));
          }
        });
    kept.remove("set-cookie");
    kept.remove("set-cookie2");
    return Collections.unmodifiableMap(kept);
  }

  @Override
  public String toString() {
    return "ProviderExchange{" + status() + (reason() == null ? "" : ", broken off") + '}';
  }

  /** A way to break off; what is closed does nothing any more. */
  public static final class Registration implements AutoCloseable {

    private final ProviderExchange exchange;
    private final Runnable action;
    private final AtomicBoolean over = new AtomicBoolean();

    private Registration(ProviderExchange exchange, Runnable action) {
      this.exchange = exchange;
      this.action = Objects.requireNonNull(action, "action");
    }

    @Override
    public void close() {
      over.set(true);
      for (ProviderExchange one = exchange; one != null; one = one.outer) {
        one.remove(this);
      }
    }

    private void run() {
      if (over.compareAndSet(false, true)) {
        try {
          action.run();
        } catch (Throwable t) {
          FAULTS.report("breaking off a call", t);
        }
      }
    }
  }

  private record Answer(int status, Map<String, List<String>> headers, int number) {}
}
