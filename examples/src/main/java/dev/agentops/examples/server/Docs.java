package dev.agentops.examples.server;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Properties;

/** The page that shows the OpenAPI document, with Swagger UI from the class path. */
final class Docs {

  private static final String SWAGGER_UI = "META-INF/resources/webjars/swagger-ui/";

  /** Nothing comes from elsewhere; Swagger UI sets styles and draws icons from data. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
          + " connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

  private static final Map<String, String> ASSETS =
      Map.of(
          "swagger-ui.css", "text/css; charset=utf-8",
          "swagger-ui-bundle.js", "text/javascript; charset=utf-8",
          "favicon-32x32.png", "image/png");

  private Docs() {}

  static void mount(RoutesConfig routes) throws IOException {
    byte[] page = ours("index.html");
    byte[] script = ours("docs.js");
    routes.get(
        "/docs",
        context -> {
          context.header("Content-Security-Policy", POLICY);
          send(context, "text/html; charset=utf-8", page);
        });
    routes.get("/docs/docs.js", context -> send(context, "text/javascript; charset=utf-8", script));
    String folder = SWAGGER_UI + version() + '/';
    ASSETS.forEach(
        (name, type) ->
            routes.get(
                "/docs/" + name,
                context -> {
                  context.header("Cache-Control", "max-age=86400");
                  send(context, type, read(folder + name));
                }));
  }

  private static void send(Context context, String type, byte[] bytes) {
    context.header("X-Content-Type-Options", "nosniff").contentType(type).result(bytes);
  }

  /** The version of the jar, which is a part of its paths. */
  private static String version() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = open("META-INF/maven/org.webjars/swagger-ui/pom.properties")) {
      properties.load(in);
    }
    return properties.getProperty("version");
  }

  private static byte[] ours(String name) throws IOException {
    return read(Docs.class.getPackageName().replace('.', '/') + "/docs/" + name);
  }

  private static byte[] read(String resource) throws IOException {
    try (InputStream in = open(resource)) {
      return in.readAllBytes();
    }
  }

  private static InputStream open(String resource) throws IOException {
    InputStream in = Docs.class.getClassLoader().getResourceAsStream(resource);
    if (in == null) {
      throw new IOException("missing on the class path: " + resource);
    }
    return in;
  }
}
