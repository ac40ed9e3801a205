package io.baton.worker.codec.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.PeerRange;
import io.baton.config.Settings;
import io.baton.service.Peer;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RealIpTest {
  private static final Peer PROXY = new Peer.Tcp(InetAddress.ofLiteral("10.0.0.1"), 4_711);

  private static RealIp realIp(Settings.ForwardedHeader header) {
    return new RealIp(
        new Settings.RealIp(
            List.of(
                PeerRange.parse("10.0.0.0/8"),
                PeerRange.parse("2001:db8::/32"),
                PeerRange.parse("uid 33")),
            header));
  }

  private static HttpHeaders headers(String name, @Nullable String values) {
    HttpHeaders headers = new DefaultHttpHeaders();
    if (values != null) {
      for (String value : values.split("~", -1)) {
        headers.add(name, value);
      }
    }
    return headers;
  }

  private static @Nullable String text(@Nullable InetAddress address) {
    return address == null ? null : address.getHostAddress();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          -                                  | 10.0.0.1    | no header: the proxy's own
          198.51.100.7                       | 198.51.100.7| the client
          198.51.100.7, 10.9.9.9             | 198.51.100.7| behind another trusted one
          1.1.1.1, 198.51.100.7              | 198.51.100.7| what the client wrote itself is worth nothing
          1.1.1.1, 198.51.100.7, 10.9.9.9    | 198.51.100.7| likewise
          1.1.1.1~198.51.100.7~10.9.9.9      | 198.51.100.7| in several fields
          198.51.100.7,,  , 10.9.9.9 ,       | 198.51.100.7| empty elements are none
          10.1.1.1, 10.2.2.2                 | 10.1.1.1    | all are trusted: the first
          unknown, 10.2.2.2                  | 10.2.2.2    | up to what is no address
          198.51.100.7, nonsense             | 10.0.0.1    | the nearest proxy writes nonsense
          198.51.100.7:1234                  | 198.51.100.7| with a port
          [2001:db9::7]:1234                 | 2001:db9:0:0:0:0:0:7 | IPv6 with a port
          [2001:db9::7]                      | 2001:db9:0:0:0:0:0:7 | in brackets
          2001:db9::7                        | 2001:db9:0:0:0:0:0:7 | without
          2001:db9::7, 2001:db8::1           | 2001:db9:0:0:0:0:0:7 | behind a trusted one
          198.51.100                         | 10.0.0.1    | less than an address
          198.51.100.256                     | 10.0.0.1    | more
          198.51.100.7:port                  | 10.0.0.1    | no port
          [198.51.100.7]                     | 10.0.0.1    | IPv4 in brackets
          fe80::1%eth0                       | 10.0.0.1    | with a zone
          """)
  void theClientIsTheLastThatIsNotTrusted(@Nullable String written, String expected, String what) {
    assertThat(
            text(
                realIp(Settings.ForwardedHeader.X_FORWARDED_FOR)
                    .client(headers("X-Forwarded-For", written), PROXY)))
        .as(what)
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          for=198.51.100.7                                    | 198.51.100.7 | alone
          proto=https; For = 198.51.100.7 ;by=10.0.0.1        | 198.51.100.7 | among others, in any case
          for="198.51.100.7:1234"                             | 198.51.100.7 | with a port
          for="[2001:db9::7]:1234"                            | 2001:db9:0:0:0:0:0:7 | IPv6
          for=1.1.1.1, for=198.51.100.7, for=10.2.2.2         | 198.51.100.7 | three
          for="a, for=1.1.1.1", for=198.51.100.7              | 198.51.100.7 | a comma in quotes
          for="a\\", for=1.1.1.1", for=10.2.2.2               | 10.2.2.2     | a quote in quotes
          for=_hidden, for=10.2.2.2                           | 10.2.2.2     | a name instead
          for=unknown                                         | 10.0.0.1     | unknown
          proto=https                                         | 10.0.0.1     | none
          198.51.100.7                                        | 10.0.0.1     | not this form
          """)
  void itIsReadOfForwardedToo(String written, String expected, String what) {
    assertThat(
            text(
                realIp(Settings.ForwardedHeader.FORWARDED)
                    .client(headers("Forwarded", written), PROXY)))
        .as(what)
        .isEqualTo(expected);
  }

  @Test
  void whoIsNotTrustedIsTheClientWhateverItWrites() {
    RealIp realIp = realIp(Settings.ForwardedHeader.X_FORWARDED_FOR);
    Peer stranger = new Peer.Tcp(InetAddress.ofLiteral("203.0.113.9"), 1);
    HttpHeaders headers = headers("X-Forwarded-For", "1.1.1.1");
    headers.set("X-Real-IP", "2.2.2.2");
    realIp.apply(headers, stranger);
    assertThat(headers.getAll("X-Real-IP")).containsExactly("203.0.113.9");
  }

  @Test
  void aProxyAtAUnixSocketIsTrustedByItsUser() {
    RealIp realIp = realIp(Settings.ForwardedHeader.X_FORWARDED_FOR);
    HttpHeaders headers = headers("X-Forwarded-For", "198.51.100.7");
    realIp.apply(headers, new Peer.Unix(1, 33));
    assertThat(headers.get("X-Real-IP")).isEqualTo("198.51.100.7");
    realIp.apply(headers, new Peer.Unix(1, 34));
    assertThat(headers.get("X-Real-IP")).as("nobody knows").isNull();
  }

  @Test
  void anyNumberOfAddressesIsRead() {
    String many = "10.1.1.1, ".repeat(1_000) + "10.2.2.2";
    assertThat(
            realIp(Settings.ForwardedHeader.X_FORWARDED_FOR)
                .client(headers("X-Forwarded-For", many), PROXY))
        .isNotNull();
  }
}
