package io.baton.link.client;

import io.baton.service.Peer;
import java.io.IOException;

/** The way to vsock sockets of this machine's kernel, which is Linux, by its system calls. */
final class VsockSockets {
  private VsockSockets() {}

  /**
   * Connects to a port of a virtual machine, or of the host.
   *
   * @throws UnsupportedOperationException if this JVM may not call native code
   * @throws IOException if there is no connection
   */
  static LinkConnection connect(long cid, long port) throws IOException {
    try {
      return new NativeConnection(NativeSockets.connectVsock(cid, port), new Peer.Vsock(cid, port));
    } catch (LinkageError e) {
      throw new UnsupportedOperationException(
          "vsock://%d:%d needs Linux, and a JVM that may call native code: start it with"
                  .formatted(cid, port)
              + " --enable-native-access=ALL-UNNAMED",
          e);
    }
  }
}
