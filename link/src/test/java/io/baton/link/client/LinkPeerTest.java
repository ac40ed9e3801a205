package io.baton.link.client;

import io.baton.link.Link;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.Option;
import io.baton.link.types.Types;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What tests of the client over real sockets share: a small server, new for each test. */
abstract class LinkPeerTest {
  static final Types<Note> TYPES = Types.of(Note.class);

  LinkPeer server;

  @BeforeEach
  void start() throws IOException {
    server = serverAt(0);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  static LinkPeer serverAt(int port) throws IOException {
    return new LinkPeer(new ServerSocket(port, 50, InetAddress.getLoopbackAddress()), TYPES);
  }

  String where() {
    return "tcp://127.0.0.1:" + server.port() + "/" + LinkPeer.SERVICE;
  }

  LinkSession<Note, Note> open(LinkHandler<Note, Note> handler, Option... options)
      throws LinkException {
    return Link.open(where(), TYPES, TYPES, handler, options);
  }
}
