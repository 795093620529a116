package dev.agentops.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisScriptingAsyncCommands;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** A Lua script that lies beside a class. Immutable. */
public final class RedisScript {

  private final String text;
  private final String digest;

  private RedisScript(String text) {
    this.text = text;
    this.digest = sha1(text);
  }

  /** The script of a resource of this name in the package of the class. */
  public static RedisScript of(Class<?> beside, String resource) {
    try (InputStream in = beside.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("not in the jar: " + resource);
      }
      return new RedisScript(new String(in.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes the script known to the server. */
  public CompletionStage<String> load(RedisScriptingAsyncCommands<?, ?> commands) {
    return commands.scriptLoad(text);
  }

  /** Runs the script; sends it whole to a server that has forgotten it. */
  public <K, V, T> CompletionStage<T> run(
      RedisScriptingAsyncCommands<K, V> commands, ScriptOutputType type, K[] keys, V[] arguments) {
    CompletionStage<T> reply = commands.evalsha(digest, type, keys, arguments);
    return reply.exceptionallyCompose(
        failure ->
            cause(failure) instanceof RedisNoScriptException
                ? commands.eval(text, type, keys, arguments)
                : reply);
  }

  private static Throwable cause(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause == null ? failure : cause;
  }

  private static String sha1(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JVM has SHA-1", e);
    }
  }
}
