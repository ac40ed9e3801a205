package io.baton.systemtest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Someone on the path between a client of Link and its server, for the first connection only: reads
 * along, and says something in the name of either while both are silent.
 */
final class LinkSpy implements AutoCloseable {
  private static final int HEAD_BYTES = 4;
  private static final int ID_BYTES = 16;
  private static final int SECRET_BYTES = 32;
  private static final int SAID_BYTES = 8_192;

  private final ServerSocket listening;
  private final int target;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final CompletableFuture<Sockets> connected = new CompletableFuture<>();

  private record Sockets(Socket client, Socket server) {}

  LinkSpy(int target) throws IOException {
    this.target = target;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    var _ = Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    try (listening) {
      Sockets both =
          new Sockets(listening.accept(), new Socket(InetAddress.getLoopbackAddress(), target));
      connected.complete(both);
      var _ = Thread.ofVirtual().start(() -> pass(both.client, both.server, null));
      pass(both.server, both.client, said);
    } catch (IOException e) {
      connected.completeExceptionally(e);
    }
  }

  private static void pass(Socket from, Socket to, @Nullable ByteArrayOutputStream copy) {
    byte[] some = new byte[SAID_BYTES];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(some); n >= 0; n = in.read(some)) {
        if (copy != null && copy.size() < SAID_BYTES) {
          copy.write(some, 0, n);
        }
        out.write(some, 0, n);
      }
    } catch (IOException _) {
      // One of the two is gone: so is the other.
    }
  }

  /** Says something to the server. */
  void toServer(byte[] bytes) throws IOException {
    connected.join().server.getOutputStream().write(bytes);
  }

  /** Says something to the client. */
  void toClient(byte[] bytes) throws IOException {
    connected.join().client.getOutputStream().write(bytes);
  }

  /** Returns the secret of the session, which is open. */
  byte[] secret() {
    return Arrays.copyOfRange(
        welcome(), welcome().length - 2 * SECRET_BYTES, welcome().length - SECRET_BYTES);
  }

  byte[] id() {
    return Arrays.copyOfRange(welcome(), 1, 1 + ID_BYTES);
  }

  /** Returns the body of the second frame that the server has sent. */
  private byte[] welcome() {
    ByteBuffer from = ByteBuffer.wrap(said.toByteArray());
    int challenge = from.getInt() >>> 8;
    from.position(HEAD_BYTES + challenge);
    byte[] body = new byte[from.getInt() >>> 8];
    from.get(body);
    return body;
  }

  @Override
  public void close() throws IOException {
    listening.close();
    if (connected.isDone() && !connected.isCompletedExceptionally()) {
      connected.join().client.close();
      connected.join().server.close();
    }
  }
}
