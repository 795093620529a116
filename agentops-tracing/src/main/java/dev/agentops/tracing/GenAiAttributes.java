package dev.agentops.tracing;

/**
 * Names of span attributes: those of the OpenTelemetry semantic conventions for generative AI,
 * version 1.41.1, and a few of agentops' own.
 *
 * <p>1.41.1 is the last published version, and the one that the tracing back ends read.
 */
public final class GenAiAttributes {

  /**
   * {@code chat}, {@code embeddings}, {@code execute_tool}, {@code invoke_agent}, {@code
   * invoke_workflow}, {@code retrieval}, and agentops' own {@code guardrail}.
   */
  public static final String OPERATION_NAME = "gen_ai.operation.name";

  public static final String PROVIDER_NAME = "gen_ai.provider.name";
  public static final String AGENT_NAME = "gen_ai.agent.name";
  public static final String AGENT_DESCRIPTION = "gen_ai.agent.description";
  public static final String WORKFLOW_NAME = "gen_ai.workflow.name";
  public static final String PROMPT_NAME = "gen_ai.prompt.name";

  /** The full name of the AI service's interface. */
  public static final String AGENT_ID = "gen_ai.agent.id";

  /** The memory id of the AI service that makes the call, else the session of the scope. */
  public static final String CONVERSATION_ID = "gen_ai.conversation.id";

  /** {@code text} or {@code json}; set where the request asks for one. */
  public static final String OUTPUT_TYPE = "gen_ai.output.type";

  public static final String REQUEST_MODEL = "gen_ai.request.model";
  public static final String REQUEST_TEMPERATURE = "gen_ai.request.temperature";
  public static final String REQUEST_TOP_P = "gen_ai.request.top_p";
  public static final String REQUEST_TOP_K = "gen_ai.request.top_k";
  public static final String REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens";
  public static final String REQUEST_FREQUENCY_PENALTY = "gen_ai.request.frequency_penalty";
  public static final String REQUEST_PRESENCE_PENALTY = "gen_ai.request.presence_penalty";
  public static final String REQUEST_STOP_SEQUENCES = "gen_ai.request.stop_sequences";

  /** An integer; told for OpenAI's own parameters. */
  public static final String REQUEST_SEED = "gen_ai.request.seed";

  /** True for a streaming call, else absent. */
  public static final String REQUEST_STREAM = "gen_ai.request.stream";

  public static final String RESPONSE_MODEL = "gen_ai.response.model";
  public static final String RESPONSE_ID = "gen_ai.response.id";

  /**
   * A list of {@code stop}, {@code length}, {@code tool_call}, {@code content_filter}, {@code
   * other}.
   */
  public static final String RESPONSE_FINISH_REASONS = "gen_ai.response.finish_reasons";

  /** Seconds, a double. */
  public static final String RESPONSE_TIME_TO_FIRST_CHUNK = "gen_ai.response.time_to_first_chunk";

  /** Includes cached tokens. */
  public static final String USAGE_INPUT_TOKENS = "gen_ai.usage.input_tokens";

  /** Includes reasoning tokens. */
  public static final String USAGE_OUTPUT_TOKENS = "gen_ai.usage.output_tokens";

  public static final String USAGE_CACHE_READ_INPUT_TOKENS = "gen_ai.usage.cache_read.input_tokens";
  public static final String USAGE_CACHE_CREATION_INPUT_TOKENS =
      "gen_ai.usage.cache_creation.input_tokens";
  public static final String USAGE_REASONING_OUTPUT_TOKENS = "gen_ai.usage.reasoning.output_tokens";

  /** A JSON array of messages; only where content is captured. */
  public static final String INPUT_MESSAGES = "gen_ai.input.messages";

  /** A JSON array of messages; only where content is captured. */
  public static final String OUTPUT_MESSAGES = "gen_ai.output.messages";

  /** A JSON array of message parts; only where content is captured. */
  public static final String SYSTEM_INSTRUCTIONS = "gen_ai.system_instructions";

  /** A JSON array of the tools that the model may ask for; only where content is captured. */
  public static final String TOOL_DEFINITIONS = "gen_ai.tool.definitions";

  public static final String TOOL_NAME = "gen_ai.tool.name";
  public static final String TOOL_CALL_ID = "gen_ai.tool.call.id";

  /** Always {@code function}. */
  public static final String TOOL_TYPE = "gen_ai.tool.type";

  /** What the model was told of the tool; absent where that is not known. */
  public static final String TOOL_DESCRIPTION = "gen_ai.tool.description";

  /** JSON; only where content is captured. */
  public static final String TOOL_CALL_ARGUMENTS = "gen_ai.tool.call.arguments";

  /** Only where content is captured. */
  public static final String TOOL_CALL_RESULT = "gen_ai.tool.call.result";

  /** Where was looked: the name that the retriever was wrapped with, else its class. */
  public static final String DATA_SOURCE_ID = "gen_ai.data_source.id";

  /** Only where content is captured. */
  public static final String RETRIEVAL_QUERY_TEXT = "gen_ai.retrieval.query.text";

  /** A JSON array of documents with id, score and text; only where content is captured. */
  public static final String RETRIEVAL_DOCUMENTS = "gen_ai.retrieval.documents";

  public static final String EMBEDDINGS_DIMENSION_COUNT = "gen_ai.embeddings.dimension.count";

  /**
   * The class of what was thrown; {@code tool_error} where a tool returned a result that it marked
   * as an error, {@code guardrail_failure} where a guardrail was not satisfied.
   */
  public static final String ERROR_TYPE = "error.type";

  /** The host that the model was asked at, told by a traced HTTP client. */
  public static final String SERVER_ADDRESS = "server.address";

  /** The port that the model was asked at, told by a traced HTTP client. */
  public static final String SERVER_PORT = "server.port";

  /** What the call cost in US dollars, as exact decimal text; absent where the price is unknown. */
  public static final String COST_USD = "agentops.cost.usd";

  /** True where a cache answered, else absent. */
  public static final String CACHED = "agentops.cached";

  /** True where the answer is that of an equal call that was under way, else absent. */
  public static final String CACHE_JOINED = "agentops.cache.joined";

  /** The level of the cache that answered: {@code local}, or the name of a store. */
  public static final String CACHE_LEVEL = "agentops.cache.level";

  /** Seconds since a cached answer was made. */
  public static final String CACHE_AGE_SECONDS = "agentops.cache.age.seconds";

  /** US dollars that a cached answer cost when it was made. */
  public static final String CACHE_SAVED_USD = "agentops.cache.saved.usd";

  /** Seconds that a model took to give a cached answer. */
  public static final String CACHE_SAVED_SECONDS = "agentops.cache.saved.seconds";

  /**
   * How many bytes of content and attributes were given up because running traces held too much;
   * else absent.
   */
  public static final String CONTENT_DROPPED = "agentops.content.dropped_bytes";

  /** The method of the AI service that was called. */
  public static final String AGENT_METHOD = "agentops.agent.method";

  /**
   * How many chat models a run of an agent asked. Where it is set, the usage on the span is theirs,
   * and must not be counted once more.
   */
  public static final String AGENT_MODEL_CALLS = "agentops.agent.model_calls";

  public static final String GUARDRAIL_NAME = "agentops.guardrail.name";

  /** {@code input} or {@code output}. */
  public static final String GUARDRAIL_TYPE = "agentops.guardrail.type";

  /** {@code success}, {@code success_with_result}, {@code failure} or {@code fatal}. */
  public static final String GUARDRAIL_RESULT = "agentops.guardrail.result";

  public static final String RETRIEVAL_DOCUMENT_COUNT = "agentops.retrieval.document_count";

  /** How many chunks of text, thinking and tool calls came; absent for none. */
  public static final String STREAM_CHUNKS = "agentops.stream.chunks";

  /** The longest wait between two chunks, in seconds, a double. */
  public static final String STREAM_MAX_GAP = "agentops.stream.max_gap";

  /** The mean wait between two chunks, in seconds, a double. */
  public static final String STREAM_MEAN_GAP = "agentops.stream.mean_gap";

  /** On a link: how the other span relates; {@code requested_by} for a tool's model call. */
  public static final String LINK_TYPE = "agentops.link.type";

  /** What the trace is called in a list of traces; put it on a scope, so that every span has it. */
  public static final String TRACE_NAME = "agentops.trace.name";

  /** True where the parent is a span of another process or another tracer, else absent. */
  public static final String REMOTE_PARENT = "agentops.remote_parent";

  private GenAiAttributes() {}
}
