package io.baton.link.client;

import io.baton.link.GuestConnection;
import io.baton.link.GuestDialer;
import io.baton.service.Endpoint;
import io.baton.service.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The ways to connect to each kind of address. */
final class Dialers {
  /** The process behind a Unix socket, which the JDK does not tell. */
  private static final Peer UNKNOWN_PROCESS = new Peer.Unix(0, -1);

  private Dialers() {}

  /**
   * Returns the way to this server.
   *
   * @param tls what an encrypted connection trusts; null for the JVM's default
   */
  static Dialer to(LinkAddress address, @Nullable SSLContext tls) {
    return switch (address.endpoint()) {
      case Endpoint.Tcp tcp when address.tls() -> longest -> tls(tcp, context(tls), longest);
      case Endpoint.Tcp tcp -> longest -> tcp(tcp, longest);
      case Endpoint.Unix unix -> longest -> unix(unix);
      case Endpoint.Vsock vsock -> new VsockDialer(vsock);
      case Endpoint.VsockUnix guest -> longest -> guest(guest, longest);
    };
  }

  private static LinkConnection tcp(Endpoint.Tcp to, Duration longest) throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      return new SocketConnection(channel, connect(channel.socket(), to, longest));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static LinkConnection tls(Endpoint.Tcp to, SSLContext context, Duration longest)
      throws IOException {
    Socket socket = new Socket();
    try {
      Peer peer = connect(socket, to, longest);
      return TlsConnection.over(socket, peer, to.host(), to.port(), context, millis(longest));
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static Peer connect(Socket socket, Endpoint.Tcp to, Duration longest) throws IOException {
    InetAddress host = InetAddress.getByName(to.host());
    socket.setTcpNoDelay(true);
    socket.setKeepAlive(true);
    socket.connect(new InetSocketAddress(host, to.port()), millis(longest));
    return new Peer.Tcp(host, to.port());
  }

  private static LinkConnection unix(Endpoint.Unix to) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.configureBlocking(false); // The system connects at once, or says that it cannot.
      channel.connect(UnixDomainSocketAddress.of(to.path()));
      channel.configureBlocking(true);
      return new SocketConnection(channel, UNKNOWN_PROCESS);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static LinkConnection guest(Endpoint.VsockUnix to, Duration longest)
      throws IOException, InterruptedException {
    GuestConnection guest = new GuestDialer(to.socket()).dial(to.port(), longest);
    return new SocketConnection(guest.channel(), new Peer.VsockUnix(to.socket(), 0, -1));
  }

  private record VsockDialer(Endpoint.Vsock to) implements Dialer {
    @Override
    public LinkConnection dial(Duration longest) throws IOException {
      return VsockSockets.connect(to.cid(), to.port());
    }

    @Override
    public boolean needsPlatformThreads() {
      return true;
    }
  }

  private static SSLContext context(@Nullable SSLContext given) throws IOException {
    try {
      return given == null ? SSLContext.getDefault() : given;
    } catch (NoSuchAlgorithmException e) {
      throw new IOException("this JVM has no default for TLS: " + e.getMessage(), e);
    }
  }

  /** Returns at least one millisecond, since sockets take zero for no limit. */
  private static int millis(Duration time) {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, time.toMillis()));
  }
}
