package dev.agentops.tracing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Processor time per operation: of the threads that call, which is what an agent pays, and of the
 * whole process, background threads and garbage collection included. On shared cores it means
 * something where wall time does not.
 */
@NullMarked
public class CallerCpu implements InternalProfiler {

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final com.sun.management.OperatingSystemMXBean system =
      (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private Map<Long, Long> callersBefore = Map.of();
  private long processBefore;

  @Override
  public String getDescription() {
    return "Processor time per operation";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    callersBefore = callers();
    processBefore = system.getProcessCpuTime();
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    long process = system.getProcessCpuTime() - processBefore;
    long callers = 0;
    for (Map.Entry<Long, Long> caller : callers().entrySet()) {
      callers += caller.getValue() - callersBefore.getOrDefault(caller.getKey(), 0L);
    }
    double operations = result.getMetadata().getAllOps();
    return List.of(
        new ScalarResult("cpu.caller", callers / operations, "ns/op", AggregationPolicy.AVG),
        new ScalarResult("cpu.process", process / operations, "ns/op", AggregationPolicy.AVG));
  }

  private Map<Long, Long> callers() {
    Map<Long, Long> times = new HashMap<>();
    for (long id : threads.getAllThreadIds()) {
      var info = threads.getThreadInfo(id);
      if (info != null && info.getThreadName().contains("jmh-worker")) {
        times.put(id, threads.getThreadCpuTime(id));
      }
    }
    return times;
  }
}
