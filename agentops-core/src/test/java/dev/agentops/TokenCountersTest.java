package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.usage.JTokkitTokenCounter;
import org.junit.jupiter.api.Test;

class TokenCountersTest {

  @Test
  void build_withJTokkitThere_readsItsTableInTheBackground() {
    AgentOps ops = AgentOps.with().build();

    await().until(TokenCounters::warm);
    assertThat(ops.tokenCounter()).isInstanceOf(JTokkitTokenCounter.class);
  }
}
