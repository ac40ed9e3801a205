package io.baton.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EndpointTest {

  static Stream<Arguments> endpoints() {
    return Stream.of(
        Arguments.of("tcp://127.0.0.1:8080", new Endpoint.Tcp("127.0.0.1", 8080)),
        Arguments.of("tcp://example.com:1", new Endpoint.Tcp("example.com", 1)),
        Arguments.of("tcp://[::1]:65535", new Endpoint.Tcp("::1", 65_535)),
        Arguments.of("unix:///run/b.sock", new Endpoint.Unix(Path.of("/run/b.sock"))),
        Arguments.of("unix:b.sock", new Endpoint.Unix(Path.of("b.sock"))),
        Arguments.of("vsock://any:5000", new Endpoint.Vsock(0xFFFF_FFFFL, 5000)),
        Arguments.of("vsock://local:0", new Endpoint.Vsock(1, 0)),
        Arguments.of("vsock://host:1", new Endpoint.Vsock(2, 1)),
        Arguments.of("vsock://3:4294967294", new Endpoint.Vsock(3, 0xFFFF_FFFEL)),
        Arguments.of(
            "vsock+unix:///srv/vm/v.sock?port=5000",
            new Endpoint.VsockUnix(Path.of("/srv/vm/v.sock"), 5000)));
  }

  @ParameterizedTest
  @MethodSource("endpoints")
  void anEndpointReadsFromWhatItPrints(String text, Endpoint endpoint) {
    assertThat(Endpoint.parse(text)).isEqualTo(endpoint).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                 | tcp://HOST:PORT, unix:///PATH, unix:NAME, vsock://CID:PORT or vsock+unix:///PATH?port=PORT
          127.0.0.1:80       | tcp://HOST:PORT, unix:///PATH, unix:NAME, vsock://CID:PORT or vsock+unix:///PATH?port=PORT
          http://a:80        | tcp://HOST:PORT, unix:///PATH, unix:NAME, vsock://CID:PORT or vsock+unix:///PATH?port=PORT
          tcp://             | a port after the last colon
          tcp://a            | a port after the last colon
          tcp://:80          | a host
          tcp://[]:80        | a host
          tcp://::1:80       | an IPv6 address in brackets
          tcp://[::1:80      | an IPv6 address in brackets
          tcp://a:           | a port from 1 to 65535
          tcp://a:0          | a port from 1 to 65535
          tcp://a:65536      | a port from 1 to 65535
          tcp://a:-1         | a port from 1 to 65535
          tcp://a:+1         | a port from 1 to 65535
          tcp://a:99999999999999999999 | a port from 1 to 65535
          unix://run/b.sock  | an absolute path after unix:// (or unix:NAME in the run directory)
          unix://            | an absolute path after unix:// (or unix:NAME in the run directory)
          unix:              | a path
          vsock://5000       | a port after the last colon
          vsock://any        | a port after the last colon
          vsock://-1:5       | any, local, host or a context id of 32 bits
          vsock://4294967296:5 | any, local, host or a context id of 32 bits
          vsock://any:4294967295 | a port from 0 to 4294967294
          """)
  void anythingElseIsToldWhatIsAllowed(String text, String allowed) {
    assertThatThrownBy(() -> Endpoint.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(allowed);
  }

  @ParameterizedTest
  @CsvSource({"unix:a\0b", "unix:///a\0b"})
  void aPathThatNoSystemHasIsNoPath(String text) {
    assertThatThrownBy(() -> Endpoint.parse(text)).hasMessage("a path that this system can name");
  }
}
