package dev.agentops.examples.server;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** A tool that tells the time. */
final class ClockTool {

  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'on' EEEE '(UTC'xxx')'", Locale.ENGLISH);

  private final Clock clock;

  ClockTool(Clock clock) {
    this.clock = clock;
  }

  @Tool(name = "current_time", value = "Tells the current date and time in a time zone")
  String currentTime(@P("An IANA time zone, such as Europe/Paris or UTC") String zone) {
    try {
      return ZonedDateTime.now(clock.withZone(ZoneId.of(zone.strip()))).format(FORMAT);
    } catch (DateTimeException e) {
      return "There is no time zone '" + zone + "'; use an IANA name such as Europe/Paris";
    }
  }
}
