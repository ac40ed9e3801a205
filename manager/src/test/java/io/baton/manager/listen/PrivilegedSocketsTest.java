package io.baton.manager.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Settings;
import io.baton.config.SettingsFixture;
import io.baton.posix.Errno;
import io.baton.posix.PosixException;
import io.baton.service.Endpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrivilegedSocketsTest {
  private static Settings settings(String hocon) {
    return SettingsFixture.settings(hocon);
  }

  private static Settings low(int port, String more) {
    return settings(
        "listeners.low { endpoint = \"tcp://127.0.0.1:%d\", codec = raw, service = echo %s }"
            .formatted(port, more));
  }

  @Test
  void theKernelsFirstPortForAllIsReadWhole() throws Exception {
    Process cat =
        new ProcessBuilder("cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start").start();
    String kernels = new String(cat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(PrivilegedPorts.firstForAll()).isEqualTo(Integer.parseInt(kernels.strip()));
  }

  @ParameterizedTest
  @CsvSource({
    "tcp://127.0.0.1:65535, false",
    "vsock://any:1023, true",
    "vsock://any:1024, false",
    "unix:///run/a.sock, false"
  })
  void onlyPortsBelowAnotherNeedRoot(String endpoint, boolean privileged) {
    assertThat(PrivilegedPorts.isPrivileged(Endpoint.parse(endpoint))).isEqualTo(privileged);
  }

  @Test
  void nothingIsOpenedThatDoesNotNeedRoot() throws Exception {
    assertThat(
            PrivilegedSockets.open(settings("workers = 1"), InheritedSockets.NONE)
                .assign(settings("workers = 1").listeners())
                .socket(settings("workers = 1").listeners().getFirst()))
        .isNull();
  }

  @Test
  void aPortThatOnlyRootOpensIsRefusedWithWhatHelps() {
    int port = PrivilegedPorts.firstForAll() - 1;
    Settings.Listener listener = low(Math.max(1, port), "").listeners().getFirst();

    IOException refused =
        BindFailure.of(listener, new PosixException("bind", Errno.EACCES), Set.of());

    assertThat(refused.getMessage())
        .startsWith("listener low cannot listen on tcp://127.0.0.1:")
        .contains(port > 0 ? "or give the server CAP_NET_BIND_SERVICE" : "Permission denied");
  }
}
