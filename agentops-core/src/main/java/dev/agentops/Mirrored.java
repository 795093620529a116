package dev.agentops;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the installed {@link ContextMirror}s keep for one open scope: a linked list, the mirror that
 * was told last first.
 */
final class Mirrored {

  private static final FaultLog FAULTS = new FaultLog(ContextMirror.class, Clock.system());

  /** Never changed, only replaced. */
  private static volatile ContextMirror[] installed = new ContextMirror[0];

  private final ContextMirror mirror;
  private final @Nullable Object saved;
  private final @Nullable Mirrored earlier;

  private Mirrored(ContextMirror mirror, @Nullable Object saved, @Nullable Mirrored earlier) {
    this.mirror = mirror;
    this.saved = saved;
    this.earlier = earlier;
  }

  static synchronized ContextMirror.Registration install(ContextMirror mirror) {
    Objects.requireNonNull(mirror, "mirror");
    ContextMirror[] more = Arrays.copyOf(installed, installed.length + 1);
    more[installed.length] = mirror;
    installed = more;
    return new Registered(mirror);
  }

  private static synchronized void uninstall(ContextMirror mirror) {
    int at = Arrays.asList(installed).indexOf(mirror);
    ContextMirror[] fewer = Arrays.copyOf(installed, installed.length - 1);
    System.arraycopy(installed, at + 1, fewer, at, fewer.length - at);
    installed = fewer;
  }

  /** Tells all mirrors of a scope that opened; null where there is none. */
  static @Nullable Mirrored enter(Context context) {
    ContextMirror[] mirrors = installed;
    Mirrored all = null;
    for (ContextMirror mirror : mirrors) {
      try {
        all = new Mirrored(mirror, mirror.enter(context), all);
      } catch (Throwable t) { // it was not entered, so it is not told of the exit either
        FAULTS.report("context mirror " + mirror.getClass().getName(), t);
      }
    }
    return all;
  }

  /** Tells the mirrors that the scope has ended, the last one first. */
  static void exit(@Nullable Mirrored all) {
    for (Mirrored next = all; next != null; next = next.earlier) {
      try {
        next.mirror.exit(next.saved);
      } catch (Throwable t) {
        FAULTS.report("context mirror " + next.mirror.getClass().getName(), t);
      }
    }
  }

  /** A mirror that is there until this is closed for the first time. */
  private static final class Registered implements ContextMirror.Registration {

    private @Nullable ContextMirror mirror; // guarded by this

    Registered(ContextMirror mirror) {
      this.mirror = mirror;
    }

    @Override
    public synchronized void close() {
      if (mirror != null) {
        uninstall(mirror);
        mirror = null;
      }
    }
  }
}
