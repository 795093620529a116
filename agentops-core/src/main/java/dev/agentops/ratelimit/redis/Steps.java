package dev.agentops.ratelimit.redis;

import static dev.agentops.ratelimit.RateLimitStore.Cell;
import static dev.agentops.ratelimit.RateLimitStore.Decision;

import dev.agentops.ratelimit.Limit;
import dev.agentops.ratelimit.RateLimitStoreException;
import dev.agentops.ratelimit.RateLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/** What a store asks of the script, each one round trip. Thread-safe. */
final class Steps {

  /** For how long it is remembered that a ticket was settled. */
  static final Duration REMEMBERED = Duration.ofMinutes(2);

  private static final String TAKE = "take";
  private static final String NO_TEXT = "-";
  private static final long ONLY_ASK = -1;
  private static final int MAXIMUM_KNOWN = 1_000;
  private static final int ID_RADIX = 36;
  private static final int PENALTY = 0;
  private static final int FIRST_AFTER = 4;
  private static final int FIRST_FULL = -2;

  private final RedisRequests requests;
  private final RedisNames names;
  private final String leaseMicros;
  private final String process = UUID.randomUUID().toString().replace("-", "");
  private final AtomicLong tickets = new AtomicLong();
  private final ConcurrentMap<RateLimits, Windows> known = new ConcurrentHashMap<>();

  Steps(RedisRequests requests, RedisNames names, Duration lease) {
    this.requests = requests;
    this.names = names;
    this.leaseMicros = String.valueOf(lease.toNanos() / 1_000);
  }

  Decision take(List<Cell> cells, long maxWaitNanos) {
    return take(cells, maxWaitNanos / 1_000, 0).decision();
  }

  Decision probe(List<Cell> cells) {
    return take(cells, ONLY_ASK, 0).decision();
  }

  /** Takes the demands once, and as many times more as fit, if that fits at once. */
  Taken takeAhead(List<Cell> cells, long maxWaitNanos, long more) {
    return take(cells, maxWaitNanos / 1_000, more);
  }

  /** The same parts once more, to be settled on their own. */
  RedisTicket another(RedisTicket ticket) {
    return new RedisTicket(newId(), ticket.parts());
  }

  /**
   * Changes what was taken.
   *
   * @throws RateLimitStoreException if it is unknown whether that was done; refusing, if it will
   *     stay so
   */
  void settle(RedisTicket ticket, Changes changes) {
    Changes first = ticket.settle(changes);
    if (first == null) {
      return;
    }
    if (requests.connected() && ticket.triedNanos() > REMEMBERED.toNanos() / 2) {
      ticket.done();
      throw RateLimitStoreException.refusing(
          "it is unknown whether a ticket was settled more than "
              + REMEMBERED.dividedBy(2)
              + " ago",
          null);
    }
    send(
        ticket,
        first,
        (keys, arguments) -> {
          List<Object> unused = requests.ask(keys, arguments);
        });
    ticket.done();
  }

  /** Settles a new ticket without awaiting it: what is asked next comes after it. */
  void tell(RedisTicket ticket, Changes changes) {
    send(ticket, changes, requests::tell);
  }

  private void send(
      RedisTicket ticket, Changes first, BiConsumer<List<String>, List<String>> sending) {
    List<String> keys = new ArrayList<>();
    keys.add(names.settled(ticket.id()));
    List<String> arguments = new ArrayList<>(List.of("settle", "", ""));
    boolean changing = false;
    int from = 0;
    for (RedisTicket.Part part : ticket.parts()) {
      keys.add(part.key());
      if (part.held() == null) {
        arguments.add("");
      } else {
        keys.add(part.held());
        arguments.add(ticket.id());
      }
      arguments.add(part.after());
      arguments.add(part.before() == null || !first.cancelled() ? NO_TEXT : part.before());
      changing |= part.windows().addChanges(first.units(), from, arguments);
      from += part.windows().size();
    }
    if (changing) {
      arguments.set(2, String.valueOf(REMEMBERED.toMillis()));
    }
    if (changing || ticket.holdsPlace()) {
      sending.accept(keys, arguments);
    }
  }

  /** Nothing passes for so long. */
  void penalize(String key, long nanos) {
    String micros = String.valueOf(nanos / 1_000 + (nanos % 1_000 == 0 ? 0 : 1));
    List<Object> unused = requests.ask(List.of(names.cell(key)), List.of("raise", "", "p", micros));
  }

  void observe(String key, Map<Limit, Long> left) {
    List<String> arguments = new ArrayList<>(List.of("raise", ""));
    left.forEach((limit, units) -> Windows.addLevel(limit, units, arguments));
    List<Object> unused = requests.ask(List.of(names.cell(key)), arguments);
  }

  /** Has the leases of tickets last again; of those whose lease has ended, it does not. */
  void renew(List<RedisTicket> held) {
    List<String> keys = new ArrayList<>();
    List<String> arguments = new ArrayList<>(List.of("renew", "", leaseMicros));
    for (RedisTicket ticket : held) {
      for (RedisTicket.Part part : ticket.parts()) {
        if (part.held() != null) {
          keys.add(part.held());
          arguments.add(ticket.id());
        }
      }
    }
    List<Object> unused = requests.ask(keys, arguments);
  }

  private Taken take(List<Cell> cells, long maxWaitMicros, long more) {
    String id = null;
    List<String> keys = new ArrayList<>(cells.size() + 1);
    List<String> arguments = new ArrayList<>(8 + 3 * cells.size());
    arguments.add(TAKE);
    arguments.add("");
    arguments.add(String.valueOf(maxWaitMicros));
    arguments.add(String.valueOf(more));
    for (Cell cell : cells) {
      Windows windows = windows(cell.limits());
      keys.add(names.cell(cell.key()));
      arguments.add(windows.atOnce());
      if (windows.limitsConcurrency()) {
        keys.add(names.held(cell.key()));
        id = id == null ? newId() : id;
        arguments.add(id);
        arguments.add(leaseMicros);
      }
      windows.addDemand(cell.demand(), arguments);
    }
    List<Object> reply = requests.ask(keys, arguments);
    long waitNanos = nanos((Long) reply.get(1));
    int bound = ((Long) reply.get(2)).intValue();
    if ((Long) reply.get(0) == 0) {
      String binding = binding(cells, bound);
      return new Taken(
          bound <= FIRST_FULL
              ? Decision.full(waitNanos, binding)
              : Decision.refused(waitNanos, binding),
          0);
    }
    if (maxWaitMicros == ONLY_ASK) {
      return new Taken(Decision.fits(), 0);
    }
    RedisTicket ticket = new RedisTicket(id == null ? newId() : id, parts(cells, reply));
    String binding = waitNanos == 0 ? null : binding(cells, bound);
    return new Taken(Decision.granted(waitNanos, binding, ticket), (Long) reply.get(3));
  }

  private List<RedisTicket.Part> parts(List<Cell> cells, List<Object> reply) {
    List<RedisTicket.Part> parts = new ArrayList<>(cells.size());
    boolean waits = reply.size() > FIRST_AFTER + cells.size();
    for (int i = 0; i < cells.size(); i++) {
      Cell cell = cells.get(i);
      Windows windows = windows(cell.limits());
      parts.add(
          new RedisTicket.Part(
              names.cell(cell.key()),
              windows.limitsConcurrency() ? names.held(cell.key()) : null,
              windows,
              cell,
              (String) reply.get(FIRST_AFTER + i),
              waits ? (String) reply.get(FIRST_AFTER + cells.size() + i) : null));
    }
    return parts;
  }

  private String binding(List<Cell> cells, int number) {
    if (number == PENALTY) {
      return "penalty";
    }
    if (number <= FIRST_FULL) {
      return windows(cells.get(FIRST_FULL - number).limits()).atOnce() + " at once";
    }
    int left = number - 1;
    for (Cell cell : cells) {
      Windows windows = windows(cell.limits());
      if (left < windows.size()) {
        return windows.limit(left).toString();
      }
      left -= windows.size();
    }
    throw new IllegalStateException("no limit " + number + " of " + cells);
  }

  private Windows windows(RateLimits limits) {
    Windows windows = known.get(limits);
    if (windows == null) {
      if (known.size() >= MAXIMUM_KNOWN) {
        known.clear(); // ever new limits: they cost what they cost
      }
      windows = new Windows(limits);
      known.put(limits, windows);
    }
    return windows;
  }

  String newId() {
    return process + Long.toString(tickets.incrementAndGet(), ID_RADIX);
  }

  private static long nanos(long micros) {
    return micros > Long.MAX_VALUE / 1_000 ? Long.MAX_VALUE : micros * 1_000;
  }

  /**
   * A step that was done.
   *
   * @param more how many more were taken than asked
   */
  record Taken(Decision decision, long more) {

    RedisTicket ticket() {
      return (RedisTicket) Objects.requireNonNull(decision.ticket());
    }
  }
}
