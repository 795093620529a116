package dev.agentops.cache;

import java.util.Objects;

/** How a {@link MultiLevelCache#warmUp} goes about it. Immutable. */
public final class WarmUp {

  private final int concurrency;
  private final Progress progress;

  private WarmUp(Builder from) {
    concurrency = from.concurrency;
    progress = from.progress;
  }

  public static Builder builder() {
    return new Builder();
  }

  int concurrency() {
    return concurrency;
  }

  Progress progress() {
    return progress;
  }

  /** Hears how far a warm-up is. */
  @FunctionalInterface
  public interface Progress {

    /**
     * One more key was tried. Called by the threads that load, possibly at the same time and not in
     * order; what it throws is logged and ignored.
     *
     * @param done keys that were tried by now, failed ones included
     * @param failed keys whose loader threw
     * @param total keys that there are to try, each once
     */
    void tried(int done, int failed, int total);
  }

  /** Configures a {@link WarmUp}. Not thread-safe. */
  public static final class Builder {

    /** {@value} keys at a time. */
    public static final int DEFAULT_CONCURRENCY = 8;

    private int concurrency = DEFAULT_CONCURRENCY;
    private Progress progress = (done, failed, total) -> {};

    private Builder() {}

    /** How many keys are loaded at a time; {@value #DEFAULT_CONCURRENCY} unless said. */
    public Builder concurrency(int keys) {
      if (keys < 1) {
        throw new IllegalArgumentException("concurrency must be positive: " + keys);
      }
      this.concurrency = keys;
      return this;
    }

    /** Is told of each key that was tried; nobody unless said. */
    public Builder progress(Progress progress) {
      this.progress = Objects.requireNonNull(progress, "progress");
      return this;
    }

    public WarmUp build() {
      return new WarmUp(this);
    }
  }
}
