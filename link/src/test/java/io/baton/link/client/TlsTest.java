package io.baton.link.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.Link;
import io.baton.link.LinkException;
import io.baton.link.LinkSession;
import io.baton.link.types.Types;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Encrypted sessions, over real sockets. */
class TlsTest {
  private static final Types<Note> TYPES = Types.of(Note.class);
  private static SSLContext rightHost;
  private static SSLContext wrongHost;

  @BeforeAll
  static void makeCertificates(@TempDir Path directory) throws Exception {
    rightHost = TestCertificates.contextFor("localhost", directory);
    wrongHost = TestCertificates.contextFor("elsewhere.example", directory);
  }

  private static LinkPeer server(SSLContext context) throws IOException {
    InetAddress loopback = InetAddress.getByName("localhost");
    return new LinkPeer(
        context.getServerSocketFactory().createServerSocket(0, 50, loopback), TYPES);
  }

  private static String where(LinkPeer server) {
    return "tls://localhost:" + server.port() + "/" + LinkPeer.SERVICE;
  }

  @Test
  void anEncryptedSessionOutlivesItsConnections() throws Exception {
    try (LinkPeer server = server(rightHost)) {
      server.cutsAfterBytes = 10_007;
      RecordingHandler handler = new RecordingHandler();
      try (LinkSession<Note, Note> session =
          Link.open(where(server), TYPES, TYPES, handler, Link.tls(rightHost))) {
        for (int i = 0; i < 2_000; i++) {
          session.send(Note.of(i));
        }
        List<Integer> numbers = handler.awaitNumbers(2_000);
        assertThat(numbers).hasSize(2_000).isSorted().doesNotHaveDuplicates();
        assertThat(server.resumes).hasPositiveValue();
      }
    }
  }

  @Test
  void aCertificateOfAnotherHostIsRefused() throws Exception {
    try (LinkPeer server = server(wrongHost)) {
      assertThatThrownBy(() -> open(server, wrongHost))
          .isInstanceOf(LinkException.class)
          .hasMessageContaining("localhost");
    }
  }

  @Test
  void aCertificateThatIsNotTrustedIsRefused() throws Exception {
    try (LinkPeer server = server(rightHost)) {
      assertThatThrownBy(() -> open(server, wrongHost))
          .isInstanceOf(LinkException.class)
          .hasMessageContaining("PKIX path");
    }
  }

  private static void open(LinkPeer server, SSLContext trust) throws LinkException {
    Link.open(
            where(server),
            Note.class,
            new LinkedBlockingQueue<Note>()::add,
            Link.tls(trust),
            Link.connectTimeout(Duration.ofMillis(100)))
        .close();
  }
}
