package io.baton.link.client;

import io.baton.link.GuestDialer;
import io.baton.service.Endpoint;
import io.baton.service.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The ways to connect to each kind of address. */
final class Dialers {
  private Dialers() {}

  /**
   * Returns the way to this server.
   *
   * @param tls what an encrypted connection trusts; null for the JVM's default
   */
  static Dialer to(LinkAddress address, @Nullable SSLContext tls) {
    return longest ->
        switch (address.endpoint()) {
          case Endpoint.Tcp tcp -> {
            InetAddress[] hosts = InetAddress.getAllByName(tcp.host());
            SocketConnection plain = tcp(hosts, tcp.port(), longest);
            yield address.tls() ? tls(plain, tcp, tls, longest) : plain;
          }
          case Endpoint.Unix unix -> unix(unix);
          case Endpoint.Vsock vsock -> VsockSockets.connect(vsock.cid(), vsock.port());
          case Endpoint.VsockUnix guest ->
              new SocketConnection(
                  new GuestDialer(guest.socket()).dial(guest.port(), longest).channel(),
                  new Peer.VsockUnix(guest.socket(), 0, -1));
        };
  }

  /** Tries the addresses of a host in their order, each for its share of the time. */
  static SocketConnection tcp(InetAddress[] hosts, int port, Duration longest) throws IOException {
    IOException failure = new IOException("the host has no address");
    for (InetAddress host : hosts) {
      SocketChannel channel = SocketChannel.open();
      try {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        channel
            .socket()
            .connect(new InetSocketAddress(host, port), millis(longest.dividedBy(hosts.length)));
        return new SocketConnection(channel, new Peer.Tcp(host, port));
      } catch (IOException e) {
        LinkConnection.closeQuietly(channel);
        failure = new IOException(host.getHostAddress() + ": " + e.getMessage(), e);
      }
    }
    throw failure;
  }

  private static LinkConnection tls(
      SocketConnection over, Endpoint.Tcp to, @Nullable SSLContext context, Duration longest)
      throws IOException {
    try {
      SSLContext trust = context == null ? SSLContext.getDefault() : context;
      return TlsConnection.over(over, to.host(), to.port(), trust, millis(longest));
    } catch (NoSuchAlgorithmException e) {
      over.close();
      throw new IOException("this JVM has no default for TLS: " + e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      over.close();
      throw e;
    }
  }

  private static LinkConnection unix(Endpoint.Unix to) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.configureBlocking(false); // The system connects at once, or says that it cannot.
      channel.connect(UnixDomainSocketAddress.of(to.path()));
      channel.configureBlocking(true);
      return new SocketConnection(channel, new Peer.Unix(0, -1)); // The JDK tells no process.
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Returns at least one millisecond, since sockets take zero for no limit. */
  private static int millis(Duration time) {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, time.toMillis()));
  }
}
