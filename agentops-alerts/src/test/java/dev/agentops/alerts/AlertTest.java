package dev.agentops.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AlertTest {

  @ParameterizedTest
  @CsvSource({"a, 7df8626612223fa5", "b, d10dba3fa6a8c41c"})
  void fingerprint_equalsThatOfALiveAlertmanager(String instance, String expected) {
    Alert alert =
        warning("high")
            .label("service", "agent")
            .label("instance", instance)
            .name("HighErrorRate")
            .build();

    assertThat(alert.fingerprint()).isEqualTo(expected);
  }

  @Test
  void fingerprint_ignoresEverythingButLabels() {
    Alert one = warning("seen once").name("Disk").metadata("free", 1).build();
    Alert other = warning("seen again").name("Disk").timestamp(Instant.MAX).build();
    Alert error = warning("seen once").name("Disk").level(AlertLevel.ERROR).build();

    assertThat(one.fingerprint()).isEqualTo(other.fingerprint()).isNotEqualTo(error.fingerprint());
  }

  @Test
  void fingerprint_hashesUtf8() {
    // FNV-1a 64 of the bytes, computed by hand with another implementation
    Alert alert = warning("x").name("磁盘").label("severity", "").build();

    assertThat(alert.labels()).containsExactly(entry("alertname", "磁盘"));
    assertThat(alert.fingerprint()).isEqualTo("1d773cde6f871743");
  }

  @Test
  void labels_haveNameAndSeverityUnlessTold() {
    assertThat(warning("disk full").label("empty", "").build().labels())
        .containsExactly(entry("alertname", "disk full"), entry("severity", "warning"));
    assertThat(warning("disk full").label("severity", "page").build().labels())
        .containsEntry("severity", "page");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a-b", "1a", "a b", "é", "a\n"})
  void label_withANameThatPrometheusRefuses_isRejected(String name) {
    assertThatThrownBy(() -> warning("x").label(name, "v"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + name + "'");
  }

  @Test
  void metadata_isCopiedWithoutNulls() {
    Map<String, Object> seen = new HashMap<>();
    seen.put("disk", "/data");
    seen.put("host", null);
    Alert alert = warning("x").metadata(seen).build();
    seen.clear();

    assertThat(alert.metadata()).containsExactly(entry("disk", "/data"));
    assertThatThrownBy(() -> alert.metadata().put("a", 1))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> alert.labels().put("a", "b"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void id_isUnique() {
    assertThat(warning("x").build().id()).isNotEqualTo(warning("x").build().id());
  }

  @Test
  void build_withoutTimestamp_isRejected() {
    assertThatNullPointerException()
        .isThrownBy(() -> Alert.builder().level(AlertLevel.INFO).message("x").build())
        .withMessage("timestamp");
  }

  private static Alert.Builder warning(String message) {
    return Alert.builder().level(AlertLevel.WARNING).message(message).timestamp(Instant.EPOCH);
  }
}
