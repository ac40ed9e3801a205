package io.baton.link;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;

/**
 * The Unix socket of a virtual machine's vsock, as its monitor serves it. Connections are served
 * one after the other, the first by the first script, once its request is read.
 */
final class ScriptedMonitor implements AutoCloseable {
  interface Script {
    void play(SocketChannel client) throws Exception;
  }

  private final ServerSocketChannel server;
  private final FutureTask<Void> played;
  private final List<String> requests = new CopyOnWriteArrayList<>();

  ScriptedMonitor(Path socket, Script... scripts) {
    try {
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    played = new FutureTask<>(() -> play(scripts), null);
    Thread.ofVirtual().start(played);
  }

  /** Writes each piece when the one before it is out, then waits until the client goes. */
  static Script says(String... pieces) {
    return client -> {
      for (String piece : pieces) {
        client.write(ByteBuffer.wrap(piece.getBytes(US_ASCII)));
      }
      waitForItsEnd(client);
    };
  }

  static Script hangsUp() {
    return _ -> {};
  }

  static void waitForItsEnd(SocketChannel client) throws IOException {
    try {
      while (client.read(ByteBuffer.allocate(100)) >= 0) {}
    } catch (SocketException _) {
      // It went without having read everything.
    }
  }

  /** What the connections began with, each without its line's end. */
  List<String> requests() {
    return requests;
  }

  /** Waits until all scripts are played; a connection that is not closed would hold that up. */
  void awaitTheEnd() throws Exception {
    played.get();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  private void play(Script... scripts) {
    for (Script script : scripts) {
      try (SocketChannel client = server.accept()) {
        requests.add(line(client));
        script.play(client);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static String line(SocketChannel client) throws IOException {
    StringBuilder line = new StringBuilder();
    ByteBuffer one = ByteBuffer.allocate(1);
    while (client.read(one.clear()) == 1 && one.get(0) != '\n') {
      line.append((char) one.get(0));
    }
    return line.toString();
  }
}
