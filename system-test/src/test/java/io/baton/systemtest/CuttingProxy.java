package io.baton.systemtest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Passes on connections to a port of this machine, and cuts them with a reset on demand. */
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket listening;
  private final int target;
  private final ConcurrentLinkedQueue<Socket> open = new ConcurrentLinkedQueue<>();
  private volatile boolean refusing;

  CuttingProxy(int target) throws IOException {
    this.target = target;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    var _ = Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        if (refusing) {
          reset(client);
          continue;
        }
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        open.addAll(List.of(client, server));
        var _ = Thread.ofVirtual().start(() -> pass(client, server));
        var _ = Thread.ofVirtual().start(() -> pass(server, client));
      }
    } catch (IOException _) {
      // It was closed.
    }
  }

  private static void pass(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException _) {
      // One of the two is gone: so is the other.
      reset(from);
      reset(to);
    }
  }

  private static void reset(Socket socket) {
    synchronized (socket) { // whoever passes its bytes may be resetting it, too
      try {
        if (!socket.isClosed()) {
          socket.setSoLinger(true, 0);
        }
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Resets new connections from now on, or passes them on again. */
  void refuse(boolean all) {
    refusing = all;
  }

  /** Resets all connections that there are, at both ends. */
  void cut() {
    List<Socket> all = new ArrayList<>();
    for (Socket each = open.poll(); each != null; each = open.poll()) {
      all.add(each);
    }
    all.forEach(CuttingProxy::reset);
  }

  @Override
  public void close() throws IOException {
    listening.close();
    cut();
  }
}
