package dev.agentops;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.ContentType;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.Response;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** An embedding model behind the chain. Each overload calls the same overload of the delegate. */
final class ObservedEmbeddingModel implements EmbeddingModel {

  private final AgentOps ops;
  private final EmbeddingModel delegate;

  ObservedEmbeddingModel(AgentOps ops, EmbeddingModel delegate) {
    this.ops = ops;
    this.delegate = delegate;
  }

  boolean isOf(AgentOps other) {
    return ops == other;
  }

  @Override
  public Response<Embedding> embed(String text) {
    return text == null
        ? delegate.embed(text)
        : observe(List.of(text), () -> delegate.embed(text), List::of, all -> all.get(0));
  }

  @Override
  public Response<Embedding> embed(TextSegment segment) {
    return segment == null
        ? delegate.embed(segment)
        : observe(
            List.of(segment.text()), () -> delegate.embed(segment), List::of, all -> all.get(0));
  }

  @Override
  public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
    if (segments == null || segments.isEmpty()) { // nothing that a provider could be asked
      return delegate.embedAll(segments);
    }
    List<String> texts =
        segments.stream().map(segment -> segment == null ? "" : segment.text()).toList();
    return observe(texts, () -> delegate.embedAll(segments), all -> all, all -> all);
  }

  @Override
  public EmbeddingResponse embed(EmbeddingRequest request) {
    return observe(request, () -> delegate.embed(request));
  }

  @Override
  public EmbeddingResponse doEmbed(EmbeddingRequest request) {
    return observe(request, () -> delegate.doEmbed(request));
  }

  @Override
  public List<EmbeddingModelListener> listeners() {
    return delegate.listeners();
  }

  @Override
  public ModelProvider provider() {
    return delegate.provider();
  }

  @Override
  public EmbeddingRequestParameters defaultRequestParameters() {
    return delegate.defaultRequestParameters();
  }

  @Override
  public Set<EmbeddingParameter<?>> supportedParameters() {
    return delegate.supportedParameters();
  }

  @Override
  public Set<ContentType> supportedContentTypes() {
    return delegate.supportedContentTypes();
  }

  @Override
  public int dimension() {
    return delegate.dimension();
  }

  @Override
  public String modelName() {
    return delegate.modelName();
  }

  private EmbeddingResponse observe(EmbeddingRequest request, Supplier<EmbeddingResponse> ask) {
    List<String> texts = request.inputs().stream().map(EmbeddingInput::text).toList();
    return Observation.run(call(texts), ops.chains().embeddings(), ask);
  }

  /**
   * For the older overloads, which answer with a {@link Response}: the caller gets the delegate's
   * own object.
   */
  private <T> Response<T> observe(
      List<String> texts,
      Supplier<Response<T>> ask,
      Function<T, List<Embedding>> toList,
      Function<List<Embedding>, T> fromList) {
    EmbeddingCall call = call(texts);
    return Observation.run(
        call,
        ops.chains().embeddings(),
        ask,
        response ->
            EmbeddingResponse.builder()
                .embeddings(toList.apply(response.content()))
                .modelName(call.modelName())
                .tokenUsage(response.tokenUsage())
                .build(),
        answer -> Response.from(fromList.apply(answer.embeddings()), answer.tokenUsage()));
  }

  private EmbeddingCall call(List<String> texts) {
    String model = ops.ask("modelName() of an embedding model", delegate::modelName);
    return new EmbeddingCall(
        ops,
        Context.current(),
        texts,
        model == null ? "unknown" : model,
        ops.ask("provider() of an embedding model", delegate::provider));
  }
}
