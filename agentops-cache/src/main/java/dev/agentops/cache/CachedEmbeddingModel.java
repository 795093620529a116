package dev.agentops.cache;

import dev.agentops.Context;
import dev.agentops.EmbeddingCall;
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
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An embedding model behind a cache. Each overload calls the same overload of the delegate. */
final class CachedEmbeddingModel implements EmbeddingModel {

  /** What a call consumed that did not reach the model. */
  private static final TokenUsage NOTHING = new TokenUsage(0, 0);

  private final EmbeddingCache cache;
  private final String name;
  private final EmbeddingModel delegate;

  CachedEmbeddingModel(EmbeddingCache cache, String name, EmbeddingModel delegate) {
    this.cache = cache;
    this.name = name;
    this.delegate = delegate;
  }

  @Override
  public Response<Embedding> embed(String text) {
    return text == null || text.isBlank()
        ? delegate.embed(text)
        : one(TextSegment.from(text), () -> delegate.embed(text));
  }

  @Override
  public Response<Embedding> embed(TextSegment segment) {
    return segment == null ? delegate.embed(segment) : one(segment, () -> delegate.embed(segment));
  }

  @Override
  public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
    return segments == null || segments.isEmpty() || segments.stream().anyMatch(s -> s == null)
        ? delegate.embedAll(segments)
        : all(segments);
  }

  @Override
  public EmbeddingResponse embed(EmbeddingRequest request) {
    return request(request, delegate::embed);
  }

  @Override
  public EmbeddingResponse doEmbed(EmbeddingRequest request) {
    return request(request, delegate::doEmbed);
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

  private Response<Embedding> one(TextSegment segment, Supplier<Response<Embedding>> ask) {
    return this.<TextSegment, Response<Embedding>>answer(
        List.of(segment),
        EmbeddingRequestParameters.EMPTY,
        EmbeddingKeys::of,
        TextSegment::text,
        missing -> ask.get(),
        response -> response.content() == null ? null : List.of(response.content()),
        (embeddings, response) -> Response.from(embeddings.get(0), NOTHING));
  }

  private Response<List<Embedding>> all(List<TextSegment> segments) {
    return this.<TextSegment, Response<List<Embedding>>>answer(
        segments,
        EmbeddingRequestParameters.EMPTY,
        EmbeddingKeys::of,
        TextSegment::text,
        delegate::embedAll,
        Response::content,
        (embeddings, response) ->
            response == null
                ? Response.from(embeddings, NOTHING)
                : Response.from(
                    embeddings,
                    response.tokenUsage(),
                    response.finishReason(),
                    response.metadata()));
  }

  private EmbeddingResponse request(
      EmbeddingRequest request, Function<EmbeddingRequest, EmbeddingResponse> ask) {
    if (request.getClass() != EmbeddingRequest.class) { // who knows what else is in it
      return ask.apply(request);
    }
    return this.<EmbeddingInput, EmbeddingResponse>answer(
        request.inputs(),
        request.parameters(),
        EmbeddingKeys::of,
        EmbeddingInput::text,
        missing -> ask.apply(with(request, missing)),
        EmbeddingResponse::embeddings,
        (embeddings, response) -> response(embeddings, response, request));
  }

  private <I, R> R answer(
      List<I> inputs,
      EmbeddingRequestParameters parameters,
      BiFunction<EmbeddingKeys, I, String> key,
      Function<I, String> text,
      Function<List<I>, R> ask,
      Function<R, @Nullable List<Embedding>> embeddings,
      BiFunction<List<Embedding>, @Nullable R, R> whole) {
    CacheControl control = control();
    if (control == CacheControl.BYPASS) {
      return ask.apply(inputs);
    }
    EmbeddingLookup<I, R> lookup;
    try {
      EmbeddingKeys keys = new EmbeddingKeys(delegate, name, parameters);
      lookup =
          new EmbeddingLookup<>(
              cache,
              inputs,
              input -> key.apply(keys, input),
              text,
              control == CacheControl.REFRESH);
    } catch (RuntimeException e) { // a parameter that is not data
      cache.faults().report("the key of a text for " + name, e);
      return ask.apply(inputs);
    }
    return lookup.answer(ask, embeddings, whole);
  }

  /** What the call around it says, which knows the attributes of its ops; else the scope. */
  private static CacheControl control() {
    EmbeddingCall call = EmbeddingCall.current();
    return call == null ? CacheControl.of(Context.current().attributes()) : CacheControl.of(call);
  }

  private EmbeddingResponse response(
      List<Embedding> embeddings, @Nullable EmbeddingResponse response, EmbeddingRequest request) {
    if (response != null && response.metadata() != null) {
      return EmbeddingResponse.builder()
          .embeddings(embeddings)
          .metadata(response.metadata())
          .build();
    }
    String asked = request.parameters().modelName();
    return EmbeddingResponse.builder()
        .embeddings(embeddings)
        .modelName(asked == null ? delegate.modelName() : asked)
        .tokenUsage(response == null ? NOTHING : null)
        .build();
  }

  private static EmbeddingRequest with(EmbeddingRequest request, List<EmbeddingInput> inputs) {
    return inputs == request.inputs()
        ? request
        : EmbeddingRequest.builder().inputs(inputs).parameters(request.parameters()).build();
  }
}
