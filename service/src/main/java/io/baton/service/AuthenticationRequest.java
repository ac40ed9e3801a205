package io.baton.service;

import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** A client that says who it is: what an {@link Authenticator} decides by. */
public sealed interface AuthenticationRequest {

  /** Returns the connection that the client came on. */
  Connection connection();

  /**
   * A client's connection.
   *
   * @param listener name of the listener that accepted it
   * @param peer the client's address
   * @param via the proxy that it came through, as {@link Session#via}
   * @param peerCertificates as {@link Session#peerCertificates}
   */
  record Connection(
      String listener, Peer peer, Optional<Peer> via, List<X509Certificate> peerCertificates) {
    /** Copies the certificates. */
    public Connection {
      peerCertificates = List.copyOf(peerCertificates);
    }
  }

  /**
   * An HTTP request, or the handshake of a WebSocket, whose body has not been read.
   *
   * @param route path of the route that it is for, as it is configured; empty if it is for none, or
   *     if its listener has no routes
   */
  record Http(Connection connection, String route, RequestHead head)
      implements AuthenticationRequest {}

  /**
   * A credential that the client has sent in a message of its own, in a protocol that has such a
   * thing.
   *
   * @param service name of the service that the client wants
   * @param bytes the credential, read-only
   */
  record Credential(Connection connection, String service, ByteBuffer bytes)
      implements AuthenticationRequest {
    /** Most bytes that a credential can have. */
    public static final int MAX_BYTES = 4 * 1024;

    /**
     * Copies the bytes.
     *
     * @throws IllegalArgumentException if it is too long
     */
    public Credential {
      if (bytes.remaining() > MAX_BYTES) {
        throw new IllegalArgumentException(
            "a credential has at most %d bytes, this one has %d"
                .formatted(MAX_BYTES, bytes.remaining()));
      }
      bytes =
          ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip().asReadOnlyBuffer();
    }
  }
}
