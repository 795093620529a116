package dev.agentops.tracing.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** The fake server as a process of its own, one message a line. */
public final class StdioMcpServer {

  private StdioMcpServer() {}

  public static void main(String[] args) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      ObjectNode answer = FakeMcpServer.answer(FakeMcpServer.JSON.readTree(line));
      if (answer != null) {
        System.out.println(answer);
      }
    }
  }
}
