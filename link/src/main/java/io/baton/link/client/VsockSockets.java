package io.baton.link.client;

import java.io.IOException;

/**
 * The way to vsock sockets of this machine's kernel. This is the class for Java 21, which has none;
 * in the jar, another one takes its place from Java 22 on.
 */
final class VsockSockets {
  private VsockSockets() {}

  /**
   * Connects to a port of a virtual machine, or of the host.
   *
   * @throws UnsupportedOperationException if this JVM cannot make such sockets
   * @throws IOException if there is no connection
   */
  @SuppressWarnings("DoNotCallSuggester") // The class of Java 22 and newer does not always throw.
  static LinkConnection connect(long cid, long port) throws IOException {
    throw new UnsupportedOperationException(
        "vsock://%d:%d needs Java 22 or newer, but this is Java %s; on a host whose virtual machine"
                .formatted(cid, port, Runtime.version())
            + " monitor makes a Unix socket, vsock+unix:// works with any Java");
  }
}
