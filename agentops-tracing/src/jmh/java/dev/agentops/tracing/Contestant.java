package dev.agentops.tracing;

import org.jspecify.annotations.NullMarked;

/** A tracer in the benchmark; all record the same names and attributes. */
@NullMarked
interface Contestant extends AutoCloseable {

  String MODEL = "gpt-4o-mini";
  String CONVERSATION = "conversation-42";

  /** One span with six attributes. */
  Object step(long inputTokens, long outputTokens);

  /** A turn with two model calls and a tool in it, six attributes on each of the four. */
  Object tree(long inputTokens, long outputTokens);

  /** Sends or forgets what has gathered; not measured. */
  default void drain() {}

  @Override
  default void close() {}

  static Contestant named(String name) {
    return switch (name) {
      case "agentops" -> new AgentOpsContestant(Tracer.create());
      case "agentopsNotSampled" ->
          new AgentOpsContestant(Tracer.builder().sampler(Sampler.never()).build());
      case "otelBatch" -> new OpenTelemetryContestant(true);
      case "otelSampledOut" -> new OpenTelemetryContestant(false);
      case "micrometer" -> new MicrometerContestant();
      case "naiveList" -> new NaiveListContestant();
      default -> throw new IllegalArgumentException("no such tracer: '" + name + "'");
    };
  }
}
