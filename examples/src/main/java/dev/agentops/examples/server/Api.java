package dev.agentops.examples.server;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;

/**
 * Routes with types: what a route reads is bound strictly and validated, and every route is in the
 * OpenAPI document, made from the same records.
 */
final class Api {

  private final RoutesConfig routes;
  private final OpenApi document;

  Api(RoutesConfig routes, OpenApi document) {
    this.routes = routes;
    this.document = document;
  }

  /** A route that reads and answers with JSON. */
  <I, O> void post(
      String path,
      String summary,
      Class<I> in,
      Class<O> out,
      Handler<? super I, ? extends O> body) {
    document.add(OpenApi.Route.of("post", path, summary).reading(in).answering(out));
    routes.post(
        path,
        context -> {
          I request = RequestBody.read(context, in);
          send(context, body.handle(request, context));
        });
  }

  /** A route that reads JSON and answers with server-sent events, which its body writes. */
  <I> void stream(String path, String summary, Class<I> in, StreamHandler<? super I> body) {
    document.add(OpenApi.Route.of("post", path, summary).reading(in).streaming());
    routes.post(path, context -> body.handle(RequestBody.read(context, in), context));
  }

  /** A route that answers with JSON. */
  <O> void get(String path, String summary, Class<O> out, Query<? extends O> body) {
    document.add(OpenApi.Route.of("get", path, summary).answering(out));
    routes.get(path, context -> send(context, body.handle(context)));
  }

  /** A route that answers with something else, which its body writes. */
  void raw(String path, String summary, String contentType, io.javalin.http.Handler body) {
    document.add(OpenApi.Route.of("get", path, summary).answering(contentType));
    routes.get(path, body);
  }

  private static void send(Context context, Object answer) {
    context.contentType(Json.CONTENT_TYPE).result(Json.write(answer));
  }

  /** Answers a request with a body. */
  @FunctionalInterface
  interface Handler<I, O> {
    O handle(I request, Context context) throws Exception;
  }

  /** Answers a request with a body by writing a stream. */
  @FunctionalInterface
  interface StreamHandler<I> {
    void handle(I request, Context context) throws Exception;
  }

  /** Answers a request without a body. */
  @FunctionalInterface
  interface Query<O> {
    O handle(Context context) throws Exception;
  }
}
