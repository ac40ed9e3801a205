package io.baton.link.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.service.Endpoint;
import io.baton.testing.Seeds;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkAddressTest {
  @Test
  void eachFormNamesAnEndpointAndAService() {
    assertThat(LinkAddress.parse("tcp://host:7100/chat"))
        .isEqualTo(new LinkAddress(new Endpoint.Tcp("host", 7100), false, "chat"));
    assertThat(LinkAddress.parse("tls://[::1]:7143/chat"))
        .isEqualTo(new LinkAddress(new Endpoint.Tcp("::1", 7143), true, "chat"));
    assertThat(LinkAddress.parse("unix:///run/x.sock?service=chat"))
        .isEqualTo(new LinkAddress(new Endpoint.Unix(Path.of("/run/x.sock")), false, "chat"));
    assertThat(LinkAddress.parse("vsock://3:7100/chat"))
        .isEqualTo(new LinkAddress(new Endpoint.Vsock(3, 7100), false, "chat"));
    Endpoint guest = new Endpoint.VsockUnix(Path.of("/srv/v.sock"), 7100);
    assertThat(LinkAddress.parse("vsock+unix:///srv/v.sock?port=7100&service=chat"))
        .isEqualTo(new LinkAddress(guest, false, "chat"));
    assertThat(LinkAddress.parse("vsock+unix:///srv/v.sock?service=chat&port=7100"))
        .isEqualTo(new LinkAddress(guest, false, "chat"));
  }

  @Test
  void aServiceMayHaveSlashesAndEncodedCharacters() {
    assertThat(LinkAddress.parse("tcp://h:1/room/1").service()).isEqualTo("room/1");
    assertThat(LinkAddress.parse("tcp://h:1/a%20b%3F%C3%A4+").service()).isEqualTo("a b?ä+");
    assertThat(LinkAddress.parse("unix:///s?service=a%26b").service()).isEqualTo("a&b");
  }

  @Test
  void aServerMayBeNamedWithoutAService() {
    assertThat(LinkAddress.parseServer("tcp://h:1").service()).isEmpty();
    assertThat(LinkAddress.parseServer("unix:///s").service()).isEmpty();
    assertThat(LinkAddress.parseServer("vsock+unix:///s?port=1").service()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "chat                       | it has no scheme",
        "http://h:1/chat            | its scheme is unknown",
        "tcp://h:1                  | it has no name of a service",
        "tcp://h:1/                 | it has no name of a service",
        "unix:///s                  | it has no name of a service",
        "tcp://h/chat               | it needs a port after the last colon",
        "tcp://h:0/chat             | it needs a port from 1 to 65535",
        "tcp://::1:7100/chat        | it needs an IPv6 address in brackets",
        "unix://s?service=chat      | it needs an absolute path after unix://",
        "unix:///s?service=         | it has no name of a service",
        "vsock://x:1/chat           | it needs any, local, host or a context id of 32 bits",
        "vsock://any:1/chat         | a client connects to one machine, not to any",
        "vsock+unix:///s?service=c  | it needs vsock+unix:///PATH?port=PORT",
        "tcp://h:1/a b              | a space and ? & # % are written as",
        "tcp://h:1/a?b              | a space and ? & # % are written as",
        "tcp://h:1/a%zz             | a % is followed by two hexadecimal digits",
        "tcp://h:1/a%00b            | the name of its service has a control character",
      })
  void whatIsNoAddressIsComplainedAbout(String where, String complaint) {
    assertThatThrownBy(() -> LinkAddress.parse(where))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("\"" + where + "\" is not the address of a service: ")
        .hasMessageContaining(complaint)
        .hasMessageEndingWith("Allowed are " + LinkAddress.FORMS);
  }

  @Test
  void aNameOfMoreThan255BytesIsRefused() {
    assertThat(LinkAddress.parse("tcp://h:1/" + "a".repeat(255)).service()).hasSize(255);
    assertThatThrownBy(() -> LinkAddress.parse("tcp://h:1/" + "ä".repeat(128)))
        .hasMessageContaining("more than 255 bytes");
  }

  @Test
  void anyTextIsAnAddressOrComplainedAbout() {
    List<String> parts =
        List.of(
            "tcp://",
            "tls://",
            "unix://",
            "vsock+unix://",
            "vsock://",
            "/",
            "?",
            "&",
            "service=",
            "port=",
            "h",
            ":",
            "7",
            "%",
            "41",
            "[",
            "]",
            "\0",
            "ä",
            "any",
            "#",
            "..",
            "+");
    Seeds.many(LinkAddressTest.class, 1_000_000, 5_000)
        .forEach(seed -> {
          Random random = new Random(seed);
          StringBuilder text = new StringBuilder();
          for (int i = random.nextInt(9); i >= 0; i--) {
            text.append(parts.get(random.nextInt(parts.size())));
          }
          try {
            assertThat(LinkAddress.parse(text.toString()).service())
                .describedAs("seed %d: %s", seed, text)
                .isNotEmpty();
          } catch (IllegalArgumentException e) {
            assertThat(e)
                .describedAs("seed %d: %s", seed, text)
                .hasMessageContaining("is not the address of a service");
          }
        });
  }

  @Test
  void addressesOfSeveralMachinesAreSeparatedByCommas() {
    assertThat(LinkAddress.parseAll("tcp://a:7100/chat, tls://b:7143/chat,tcp://c:7100/chat"))
        .extracting(LinkAddress::endpoint)
        .containsExactly(
            new Endpoint.Tcp("a", 7100), new Endpoint.Tcp("b", 7143), new Endpoint.Tcp("c", 7100));
    assertThatThrownBy(() -> LinkAddress.parseAll("tcp://a:7100/chat, tcp://b:7100/echo"))
        .hasMessageContaining("its addresses are of different services");
  }

  @Test
  void aCommaInAPathSeparatesNothing() {
    Endpoint unix = new Endpoint.Unix(Path.of("/run/a,b.sock"));
    assertThat(LinkAddress.parseAll("unix:///run/a,b.sock?service=chat, tcp://b:7100/chat"))
        .extracting(LinkAddress::endpoint)
        .containsExactly(unix, new Endpoint.Tcp("b", 7100));
  }
}
