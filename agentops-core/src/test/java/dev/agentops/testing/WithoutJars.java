package dev.agentops.testing;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Runs code on the class path of the test, less some jars: proves that a module works without its
 * optional ones.
 */
public final class WithoutJars {

  private WithoutJars() {}

  /**
   * Loads the task's class anew and calls it.
   *
   * @param task has a public constructor without arguments
   * @param jars beginnings of the names of jars to leave out, or names of our modules; each must
   *     match one, so that the test cannot pass by a typing error
   */
  public static Object call(Class<? extends Callable<?>> task, String... jars) throws Exception {
    List<String> missing = new ArrayList<>(List.of(jars));
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      boolean leftOut = false;
      for (String jar : jars) {
        if (isOf(jar, path)) {
          leftOut = true;
          missing.remove(jar);
        }
      }
      if (!leftOut) {
        urls.add(path.toUri().toURL());
      }
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException("not on the class path to begin with: " + missing);
    }
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
      thread.setContextClassLoader(loader);
      Callable<?> fresh =
          (Callable<?>) loader.loadClass(task.getName()).getConstructor().newInstance();
      return fresh.call();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** Whether a path is the jar, or, inside of the build, the folder of classes it is made from. */
  private static boolean isOf(String jar, Path path) {
    if (path.getFileName().toString().startsWith(jar)) {
      return true;
    }
    for (Path folder : path) {
      if (folder.toString().equals(jar)) {
        return true;
      }
    }
    return false;
  }
}
