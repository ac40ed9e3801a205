package io.baton.systemtest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Carries the bytes of Link's TCP clients in the messages of WebSockets, whose ends have nothing to
 * do with what is in them, and cuts those on demand.
 */
final class WebSocketBridge implements AutoCloseable {
  /** The code of a close that begins here, which the server's own never has. */
  private static final int CLIENT_LEFT = 3_001;

  private final ServerSocket listening;
  private final URI target;
  private final HttpClient http = HttpClient.newHttpClient();
  private final ConcurrentLinkedQueue<Passage> open = new ConcurrentLinkedQueue<>();
  private volatile int lastClose;
  private volatile boolean refusing;

  WebSocketBridge(URI target) throws IOException {
    this.target = target;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    var _ = Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Returns where clients find a service. */
  String at(String service) {
    return "tcp://127.0.0.1:" + port() + "/" + service;
  }

  /** Returns the code of the last close frame that the server has sent; 0 if there was none. */
  int lastClose() {
    return lastClose;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        if (refusing) {
          reset(client);
        } else {
          var _ = Thread.ofVirtual().start(() -> bear(client));
        }
      }
    } catch (IOException _) {
      // It was closed.
    }
  }

  private void bear(Socket client) {
    try {
      Passage passage = new Passage(client);
      passage.socket =
          http.newWebSocketBuilder().subprotocols("baton.link").buildAsync(target, passage).join();
      open.add(passage);
      passage.send();
    } catch (CompletionException | IOException _) {
      reset(client); // the other side is gone
    }
  }

  private static void reset(Socket socket) {
    try {
      synchronized (socket) { // both ends may have broken at once
        if (!socket.isClosed()) {
          socket.setSoLinger(true, 0);
        }
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One client's connection. */
  private final class Passage implements WebSocket.Listener {
    private final Socket client;
    private final OutputStream out;
    private final Random random = new Random(7);
    private volatile @Nullable WebSocket socket;

    Passage(Socket client) throws IOException {
      this.client = client;
      this.out = client.getOutputStream();
    }

    void send() throws IOException {
      WebSocket to = socket;
      InputStream in = client.getInputStream();
      byte[] bytes = new byte[1_000];
      for (int n; to != null && (n = in.read(bytes, 0, 1 + random.nextInt(1_000))) > 0; ) {
        if (random.nextInt(8) == 0) {
          to.sendPing(ByteBuffer.allocate(4)).join();
        }
        to.sendBinary(ByteBuffer.wrap(bytes, 0, n), random.nextBoolean()).join();
      }
      if (to != null) {
        var _ =
            to.sendClose(CLIENT_LEFT, ""); // not aborted: the server's own close may be on its way
      }
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      try {
        out.write(bytes);
      } catch (IOException _) {
        from.abort();
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      lastClose = code; // before the client sees the end
      from.abort();
      try {
        client.shutdownOutput(); // a reset could overtake what the client has not read yet
      } catch (IOException _) {
        cut();
      }
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      cut();
    }

    void cut() {
      WebSocket its = socket;
      if (its != null) {
        its.abort();
      }
      reset(client);
    }
  }

  /** Resets new connections from now on, or passes them on again. */
  void refuse(boolean all) {
    refusing = all;
  }

  /** Cuts all connections that there are, at both ends. */
  void cut() {
    for (Passage each = open.poll(); each != null; each = open.poll()) {
      each.cut();
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    cut();
    http.shutdownNow();
  }
}
