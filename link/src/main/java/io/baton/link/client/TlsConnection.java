package io.baton.link.client;

import io.baton.service.Peer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * A TCP connection encrypted by TLS. It is closed by closing the socket below: a TLS socket's own
 * close may wait for a thread that is blocked in a write.
 */
final class TlsConnection implements LinkConnection {
  private final SocketConnection tcp;
  private final InputStream in;
  private final OutputStream out;

  private TlsConnection(SocketConnection tcp, SSLSocket tls) throws IOException {
    this.tcp = tcp;
    this.in = tls.getInputStream();
    this.out = tls.getOutputStream();
  }

  /**
   * Encrypts a connection and checks that the server's certificate is trusted and valid for the
   * host. Takes the socket over, unless this throws.
   *
   * @param longestMillis bounds each wait for the server during the handshake
   */
  static TlsConnection over(
      SocketConnection tcp, String host, int port, SSLContext context, int longestMillis)
      throws IOException {
    SSLSocket tls =
        (SSLSocket) context.getSocketFactory().createSocket(tcp.socket(), host, port, true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    tls.setSSLParameters(parameters);
    tls.setSoTimeout(longestMillis);
    tls.startHandshake();
    tls.setSoTimeout(0);
    return new TlsConnection(tcp, tls);
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    int n = in.read(to.array(), to.arrayOffset() + to.position(), to.remaining());
    if (n > 0) {
      to.position(to.position() + n);
    }
    return n;
  }

  @Override
  public void write(ByteBuffer from) throws IOException {
    out.write(from.array(), from.arrayOffset() + from.position(), from.remaining());
    from.position(from.limit());
  }

  @Override
  public Peer peer() {
    return tcp.peer();
  }

  @Override
  public void close() {
    tcp.close();
  }
}
