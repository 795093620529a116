package dev.agentops.examples.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Answers requests that reach no route, broken or too late, in the shape of every other error. */
final class BrokenRequests extends ErrorHandler {

  @Override
  protected boolean generateAcceptableResponse(
      Request request,
      Response response,
      Callback callback,
      String contentType,
      List<Charset> charsets,
      int status,
      String message,
      @Nullable Throwable cause)
      throws IOException {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, Json.CONTENT_TYPE);
    Content.Sink.write(response, true, ByteBuffer.wrap(body(status)));
    callback.succeeded();
    return true;
  }

  private static byte[] body(int status) {
    ApiError error =
        status == HttpStatus.SERVICE_UNAVAILABLE_503
            ? ApiError.of(status, "shutting_down", "The server shuts down")
            : ApiError.of(status, "bad_request", "The request is broken");
    return Json.write(error.body());
  }
}
