package dev.agentops.cache;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.FaultLog;
import dev.agentops.ToolCall;
import dev.agentops.event.OpsEventListener;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.service.tool.ToolExecutionResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what tools returned, for executions with equal arguments; {@link CachingToolInterceptor}
 * puts it on those that are wrapped.
 *
 * <pre>{@code
 * ToolResultCache results = ToolResultCache.builder()
 *     .tool("weather", Duration.ofMinutes(10))
 *     .tool("orders", Duration.ofSeconds(30))
 *     .build();
 * AgentOps ops = AgentOps.with(tracing, CachingToolInterceptor.of(results), costing).build();
 * Assistant assistant = ops.aiServices(Assistant.class) // its tools are wrapped
 *     .chatModel(model)
 *     .tools(new Weather())
 *     .build();
 * }</pre>
 *
 * <p><b>Which tools.</b> Those that are named, and no other: only their author knows which tools
 * merely look things up. A tool whose result depends on more than its arguments and the user, such
 * as a memory id or the time of day, is not to be named.
 *
 * <p><b>Equal</b> means the same tool and arguments that are the same JSON: white space, the order
 * of fields and the spelling of a number ({@code 1}, {@code 1.0}) make no difference; a missing
 * field and one that is {@code null} do, and so do {@code 1} and {@code "1"}. Arguments that are
 * not JSON are equal where their text is.
 *
 * <p><b>The same tool</b> is one of the same name, description, parameters and metadata, as the
 * model was told ({@link ToolCall#specification()}), so that the {@code search} of one agent or
 * server is not taken for that of another. Where nobody knows what the model was told (it is not
 * wrapped by the same {@code AgentOps}, or asked outside of any scope and trace) the name alone
 * decides. Two tools that read alike and do different things need a cache each, with an {@code
 * AgentOps} each.
 *
 * <p><b>Whose results.</b> Those of the same user of the same tenant, as in {@link ResponseCache};
 * without a user nothing is cached. {@link Builder#shared()} shares results among the users of a
 * tenant.
 *
 * <p><b>What is kept.</b> Results that are one text. Not: errors, what the tool throws, pictures
 * and other contents, results with attributes. A hit has the text and not the object that the tool
 * returned ({@link ToolExecutionResult#result()} is null). An execution that began before its tool
 * was invalidated in this process is not kept. Thread-safe.
 */
public final class ToolResultCache implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ToolResultCache.class);
  private static final String VERSION = "agentops-tool-2";
  private static final String PREFIX = "tool:";

  private final String name;
  private final boolean shared;
  private final Map<String, Duration> tools;
  private final List<Rule> rules;
  private final Clock clock;
  private final MultiLevelCache<String> cache;
  private final FaultLog faults;
  private final AtomicLong generation = new AtomicLong();
  private final AtomicBoolean toldOfUnknownUser = new AtomicBoolean();
  private final ToolFlights flights;

  private ToolResultCache(Builder from) {
    name = from.name;
    shared = from.shared;
    tools = Map.copyOf(from.tools);
    rules = List.copyOf(from.rules);
    clock = from.clock;
    flights = new ToolFlights(from.maximumWait);
    faults = new FaultLog(ToolResultCache.class, clock);
    MultiLevelCacheBuilder<String> levels =
        MultiLevelCache.builder(Codec.utf8())
            .name(name)
            .maximumSize(from.maximumSize)
            .listener(from.listener)
            .clock(clock);
    from.stores.forEach(levels::remote);
    cache = levels.build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The name in events, log lines and the keys of stores. */
  public String name() {
    return name;
  }

  /** Forgets the results of one tool, of all users. */
  public void invalidate(String tool) {
    Objects.requireNonNull(tool, "tool");
    overtake(() -> cache.invalidateByTag(toolTag(tool)));
  }

  /** Forgets the results that were made for calls of this tenant, in every level. */
  public void invalidateTenant(String tenant) {
    Objects.requireNonNull(tenant, "tenant");
    overtake(() -> cache.invalidateByTag(AnswerPolicy.ownerTag(Attributes.TENANT, tenant)));
  }

  /** Forgets the results that were made for calls of this user, of whatever tenant, everywhere. */
  public void invalidateUser(String userId) {
    Objects.requireNonNull(userId, "userId");
    overtake(() -> cache.invalidateByTag(AnswerPolicy.ownerTag(Attributes.USER_ID, userId)));
  }

  /** Forgets every result. */
  public void invalidateAll() {
    overtake(cache::invalidateAll);
  }

  /** What this cache has done so far; executions that are not cached do not count. */
  public CacheStats stats() {
    return cache.stats();
  }

  /** Closes the stores; what they hold stays there. */
  @Override
  public void close() {
    cache.close();
  }

  Clock clock() {
    return clock;
  }

  ToolFlights flights() {
    return flights;
  }

  /** For how long results of this tool are kept; null for not at all. */
  @Nullable Duration timeToLive(String tool) {
    Duration named = tools.get(tool);
    if (named != null) {
      return named;
    }
    for (Rule rule : rules) {
      if (rule.names.test(tool)) {
        return rule.timeToLive;
      }
    }
    return null;
  }

  /** Where the result of this execution belongs, or null where it is not to be cached. */
  @Nullable Slot slot(ToolCall call, Duration timeToLive) {
    if (!shared && RequestKey.named(call, Attributes.USER_ID) == null) {
      if (!toldOfUnknownUser.getAndSet(true)) {
        log.info(
            "cache '{}' does not serve executions that have no {} (open a scope, or build the"
                + " cache shared())",
            name,
            Attributes.USER_ID);
      }
      return null;
    }
    try {
      Set<String> tags = new HashSet<>();
      tags.add(toolTag(call.name()));
      AnswerPolicy.addOwners(tags, call);
      return new Slot(key(call), tags, timeToLive, generation.get());
    } catch (
        RuntimeException e) { // arguments that are nested too deeply, metadata that is not data
      faults.report("the key of an execution of " + call.name(), e);
      return null;
    }
  }

  @Nullable CacheHit<String> find(Slot slot) {
    return cache.find(slot.key).orElse(null);
  }

  /** Keeps a result, unless something was invalidated since its execution began. */
  void keep(Slot slot, String text) {
    if (generation.get() != slot.generation) {
      return;
    }
    cache.putEntry(
        slot.key,
        CacheEntry.of(text).timeToLive(slot.timeToLive).tags(slot.tags.toArray(String[]::new)));
    if (generation.get() != slot.generation) { // invalidated just now
      cache.invalidate(slot.key);
    }
  }

  /** The text of a result that is a text and nothing else; null for all others. */
  static @Nullable String singleText(@Nullable ToolExecutionResult result) {
    if (result == null || result.isError() || !result.attributes().isEmpty()) {
      return null;
    }
    List<Content> contents = result.resultContents();
    return contents.size() == 1 && contents.get(0) instanceof TextContent text ? text.text() : null;
  }

  private String key(ToolCall call) {
    RequestHash key = new RequestHash(CanonicalHash.sha256());
    key.add(VERSION);
    RequestKey.addScope(key, call, shared);
    key.add(call.name());
    key.add(call.specification());
    key.add(CanonicalJson.of(call.request().arguments()));
    return PREFIX + key.finishHex();
  }

  private static String toolTag(String tool) {
    return CacheKeys.of(PREFIX + tool);
  }

  private void overtake(Runnable change) {
    generation.incrementAndGet();
    change.run();
    flights.forget(); // who comes from now on is not to be given the result of an earlier one
  }

  private record Rule(Predicate<String> names, Duration timeToLive) {}

  /**
   * The place of one execution's result.
   *
   * @param generation how often something had been invalidated when the execution began
   */
  record Slot(String key, Set<String> tags, Duration timeToLive, long generation) {}

  /** Configures a {@link ToolResultCache}. Not thread-safe. */
  public static final class Builder {

    /** {@value} results. */
    public static final long DEFAULT_MAXIMUM_SIZE = 10_000;

    /** {@value} seconds. */
    public static final long DEFAULT_MAXIMUM_WAIT_SECONDS = 30;

    private String name = "tools";
    private boolean shared;
    private long maximumSize = DEFAULT_MAXIMUM_SIZE;
    private Duration maximumWait = Duration.ofSeconds(DEFAULT_MAXIMUM_WAIT_SECONDS);
    private Clock clock = Clock.system();
    private OpsEventListener listener = event -> {};
    private final Map<String, Duration> tools = new HashMap<>();
    private final List<Rule> rules = new ArrayList<>();
    private final List<CacheStore> stores = new ArrayList<>();

    private Builder() {}

    /**
     * The name in events and log lines, and of what this cache has in its stores: caches of one
     * name share that; {@code tools} unless said.
     *
     * @throws IllegalArgumentException if it is not 1 to {@value Require#LONGEST_NAME} characters,
     *     or has a colon or control characters
     */
    public Builder name(String name) {
      this.name = Require.cacheName(name);
      return this;
    }

    /**
     * Caches the results of this tool.
     *
     * @param timeToLive for how long each is good
     * @throws IllegalArgumentException if the name is blank or the time is not positive
     */
    public Builder tool(String name, Duration timeToLive) {
      tools.put(
          Require.notBlank("the name of a tool", name), Require.positive("timeToLive", timeToLive));
      return this;
    }

    /**
     * Caches the results of the tools with these names; for one that {@link #tool} names, and where
     * several of these match, the first said goes before.
     */
    public Builder toolsMatching(Predicate<String> names, Duration timeToLive) {
      rules.add(
          new Rule(
              Objects.requireNonNull(names, "names"), Require.positive("timeToLive", timeToLive)));
      return this;
    }

    /**
     * Gives one user's results to another who makes an equal call, and serves calls that name no
     * user. Tenants stay apart, where calls name them.
     */
    public Builder shared() {
      this.shared = true;
      return this;
    }

    /** How many results are kept in this process; {@value #DEFAULT_MAXIMUM_SIZE} unless said. */
    public Builder maximumSize(long results) {
      this.maximumSize = Require.positive("maximumSize", results);
      return this;
    }

    /**
     * How long an execution waits for an equal one that is under way; {@value
     * #DEFAULT_MAXIMUM_WAIT_SECONDS} seconds unless said. Then one of those that wait takes its
     * place, and the others wait for that one, once.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder maximumWait(Duration time) {
      this.maximumWait = Require.positive("maximumWait", time);
      return this;
    }

    /**
     * Adds a level behind those there are. Caches of other names may be given the same store; the
     * last one of them that is closed closes it.
     */
    public Builder remote(CacheStore store) {
      stores.add(Objects.requireNonNull(store, "store"));
      return this;
    }

    /**
     * Is told when a store is lost and when it is back ({@link
     * dev.agentops.event.CacheStoreEvent}). In place of an earlier one.
     */
    public Builder listener(OpsEventListener listener) {
      this.listener = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * The cache.
     *
     * @throws IllegalArgumentException if no tool is named
     */
    public ToolResultCache build() {
      if (tools.isEmpty() && rules.isEmpty()) {
        throw new IllegalArgumentException("cache '" + name + "' names no tool to be cached");
      }
      return new ToolResultCache(this);
    }
  }
}
