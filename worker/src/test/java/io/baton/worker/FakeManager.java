package io.baton.worker;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.Message;
import io.baton.pipe.Message.Departed;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Latency;
import io.baton.pipe.Message.LoadReport;
import io.baton.pipe.Message.MetricsReport;
import io.baton.pipe.Message.Recounted;
import io.baton.pipe.Message.SessionReport;
import io.baton.pipe.Message.ToWorker;
import io.baton.pipe.Pipe;
import io.baton.pipe.Pipe.Packet;
import io.baton.posix.Fd;
import io.baton.posix.Frame;
import io.baton.posix.ServerSocket;
import io.baton.posix.SocketPair;
import io.baton.service.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The other end of a worker's pipe, and the listeners, as a test plays them. */
final class FakeManager implements AutoCloseable {
  final Pipe pipe;
  final Pipe workersEnd;
  private final ServerSocket tcp;
  private final InetSocketAddress address;

  FakeManager() throws IOException {
    SocketPair pair = SocketPair.open();
    pipe = new Pipe(pair.ours(), Pipe.newFrame());
    workersEnd = new Pipe(pair.theirs(), Pipe.newFrame());
    // A free port of the kernel's choice: that of a socket that is closed again.
    try (java.net.ServerSocket free =
        new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      address = new InetSocketAddress(free.getInetAddress(), free.getLocalPort());
    }
    tcp = ServerSocket.tcp(address.getAddress(), address.getPort(), 128, 0);
  }

  /** A connected client and the server's descriptor of it. */
  record Client(SocketChannel socket, Fd descriptor) {}

  Client connect() throws IOException {
    SocketChannel socket = SocketChannel.open(address);
    return new Client(socket, accept(tcp));
  }

  static Client connectUnix(Path path) throws IOException {
    try (ServerSocket unix = ServerSocket.unix(path, 1)) {
      SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
      socket.connect(UnixDomainSocketAddress.of(path));
      return new Client(socket, accept(unix));
    }
  }

  private static Fd accept(ServerSocket from) {
    int fd = from.accept();
    while (fd < 0) {
      Thread.onSpinWait(); // the client is connected, so it is about to be there
      fd = from.accept();
    }
    return Fd.owning(fd);
  }

  /** Hands the client over and gives up its descriptor. */
  SocketChannel handOff(long id, int listener, Client client) {
    send(new Handoff(id, listener, new Peer.Unix(1, 2), HandoffKind.FRESH), client.descriptor());
    client.descriptor().release();
    return client.socket();
  }

  /** As {@link #handOff}, for a client that is one too many. */
  SocketChannel turnAway(long id, int listener, Client client) {
    send(
        new Handoff(id, listener, new Peer.Unix(1, 2), HandoffKind.BEYOND_LIMIT),
        client.descriptor());
    client.descriptor().release();
    return client.socket();
  }

  void send(ToWorker message, @Nullable Fd descriptor) {
    if (pipe.send(message, descriptor) != Pipe.Sent.YES) {
      throw new AssertionError("the pipe did not take " + message);
    }
  }

  /** The next packet that is no report. */
  List<Message> receive() throws MalformedMessageException {
    while (true) {
      List<Message> messages = any();
      if (!(messages.getFirst() instanceof LoadReport)
          && !(messages.getFirst() instanceof Departed)
          && !(messages.getFirst() instanceof Recounted)
          && !(messages.getFirst() instanceof Latency)
          && !(messages.getFirst() instanceof SessionReport)
          && !(messages.getFirst() instanceof MetricsReport)) {
        return messages;
      }
    }
  }

  /** The next packet of any kind; empty at the end. */
  List<Message> any() throws MalformedMessageException {
    return pipe.receiveWaiting() instanceof Packet packet ? packet.messages() : List.of();
  }

  /** Waits for a message of the kind. */
  <M extends Message> M await(Class<M> kind) throws MalformedMessageException {
    while (true) {
      for (Message message : any()) {
        if (kind.isInstance(message)) {
          return kind.cast(message);
        }
      }
    }
  }

  @Override
  public void close() {
    pipe.fd().close();
    tcp.close();
  }

  /** Sends bytes that are no message. */
  void sendGarbage(byte[] bytes) {
    Frame frame = Pipe.newFrame();
    frame.payload().clear().put(bytes);
    frame.send(pipe.fd(), null);
  }
}
