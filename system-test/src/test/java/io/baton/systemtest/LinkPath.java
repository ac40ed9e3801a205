package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;

/**
 * The path between a client of Link and its server, over TCP or in WebSockets. A test reads along,
 * says something in the name of either side between its frames, and cuts the connection.
 */
final class LinkPath implements AutoCloseable {
  private static final int HEAD_BYTES = 4;
  private static final int ID_BYTES = 16;
  private static final int SECRET_BYTES = 32;
  private static final int PIECE_BYTES = 8_192;

  /** FIN and the opcode of a binary message; the mask, which clients must have, is zero. */
  private static final int BINARY = 0x82;

  private static final int MASKED = 0x80;
  private static final int MASK_BYTES = 4;
  private static final int LENGTH_IN_16_BITS = 126;

  private final ServerSocket listening;
  private final int target;
  private final boolean webSocket;
  private final ConcurrentLinkedDeque<Connection> all = new ConcurrentLinkedDeque<>();
  private volatile byte[] first = {};
  private volatile boolean mute;
  private volatile CountDownLatch muted = new CountDownLatch(1);
  private volatile boolean refusing;

  /**
   * @param webSocket whether the frames of Link are in WebSockets
   */
  LinkPath(int target, boolean webSocket) throws IOException {
    this.target = target;
    this.webSocket = webSocket;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    var _ = Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Has these bytes of Link go to the server ahead of the client's own, on new connections. */
  void first(byte[] bytes) {
    first = bytes;
  }

  /** Passes on nothing that clients say in Link from now on, or everything again. */
  void mute(boolean all) {
    muted = new CountDownLatch(1);
    mute = all;
  }

  /** Waits until a client has said something that is not passed on. */
  void awaitMuted() throws InterruptedException {
    muted.await();
  }

  /** Resets new connections from now on, or passes them on again. */
  void refuse(boolean all) {
    refusing = all;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        if (refusing) {
          reset(client);
          continue;
        }
        Connection connection =
            new Connection(client, new Socket(InetAddress.getLoopbackAddress(), target));
        all.add(connection);
        var _ = Thread.ofVirtual().start(connection::toServer);
        var _ = Thread.ofVirtual().start(connection::toClient);
      }
    } catch (IOException _) {
      // It was closed.
    }
  }

  private static void reset(Socket socket) {
    try (socket) {
      socket.setSoLinger(true, 0);
    } catch (IOException _) {
      // It is closed.
    }
  }

  private final class Connection {
    private final Socket client;
    private final Socket server;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    Connection(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void toServer() {
      byte[] some = new byte[PIECE_BYTES];
      boolean isHandshake = webSocket;
      boolean isFirst = true;
      try {
        InputStream in = client.getInputStream();
        for (int n = in.read(some); n >= 0; n = in.read(some)) {
          if (!isHandshake && isFirst && first.length > 0) {
            say(carried(first, MASKED));
          }
          isFirst = isHandshake;
          if (isHandshake || !mute) {
            say(Arrays.copyOf(some, n));
          } else {
            muted.countDown();
          }
          isHandshake &= !new String(some, 0, n, ISO_8859_1).endsWith("\r\n\r\n");
        }
        server.shutdownOutput();
      } catch (IOException _) {
        cut();
      }
    }

    /** Writes to the server; what another thread writes comes before or behind all of it. */
    void say(byte[]... pieces) throws IOException {
      synchronized (server) {
        for (byte[] each : pieces) {
          server.getOutputStream().write(each);
        }
      }
    }

    void toClient() {
      byte[] some = new byte[PIECE_BYTES];
      try {
        InputStream in = server.getInputStream();
        OutputStream out = client.getOutputStream();
        for (int n = in.read(some); n >= 0; n = in.read(some)) {
          if (said.size() < PIECE_BYTES) {
            said.write(some, 0, n);
          }
          out.write(some, 0, n);
        }
        client.shutdownOutput();
      } catch (IOException _) {
        cut();
      }
    }

    void cut() {
      reset(client);
      reset(server);
    }
  }

  /** Puts bytes of Link into what carries them. */
  private byte[] carried(byte[] bytes, int mask) {
    if (!webSocket) {
      return bytes;
    }
    ByteBuffer to = ByteBuffer.allocate(bytes.length + 4 + MASK_BYTES).put((byte) BINARY);
    if (bytes.length < LENGTH_IN_16_BITS) {
      to.put((byte) (mask | bytes.length));
    } else {
      to.put((byte) (mask | LENGTH_IN_16_BITS)).putShort((short) bytes.length);
    }
    if (mask != 0) {
      to.putInt(0);
    }
    to.put(bytes);
    return Arrays.copyOf(to.array(), to.position());
  }

  /** Says something to the server. */
  void toServer(byte[] bytes) throws IOException {
    byte[][] pieces = new byte[Math.ceilDiv(bytes.length, PIECE_BYTES)][];
    for (int i = 0; i < pieces.length; i++) {
      int from = i * PIECE_BYTES;
      int to = Math.min(bytes.length, from + PIECE_BYTES);
      pieces[i] = carried(Arrays.copyOfRange(bytes, from, to), MASKED);
    }
    all.getLast().say(pieces);
  }

  /** Says something short to the client. */
  void toClient(byte[] bytes) throws IOException {
    all.getLast().client.getOutputStream().write(carried(bytes, 0));
  }

  /** Resets the connections. */
  void cut() {
    all.forEach(Connection::cut);
  }

  byte[] id() {
    return Arrays.copyOfRange(welcome(), 1, 1 + ID_BYTES);
  }

  /** Returns the secret of the session, which is open. */
  byte[] secret() {
    byte[] welcome = welcome();
    return Arrays.copyOfRange(
        welcome, welcome.length - 2 * SECRET_BYTES, welcome.length - SECRET_BYTES);
  }

  /** Returns the body of the second frame that the server has sent. */
  private byte[] welcome() {
    ByteBuffer from = ByteBuffer.wrap(link(all.getFirst().said.toByteArray()));
    int challenge = from.getInt() >>> 8;
    from.position(HEAD_BYTES + challenge);
    byte[] body = new byte[from.getInt() >>> 8];
    from.get(body);
    return body;
  }

  /** Takes the server's bytes of Link out of what carries them, whose messages are short. */
  private byte[] link(byte[] said) {
    if (!webSocket) {
      return said;
    }
    int head = new String(said, ISO_8859_1).indexOf("\r\n\r\n") + 4;
    ByteBuffer from = ByteBuffer.wrap(said).position(head);
    ByteBuffer to = ByteBuffer.allocate(said.length);
    while (from.remaining() > 2) {
      int length = from.getShort() & 0x7F;
      to.put(from.slice(from.position(), Math.min(length, from.remaining())));
      from.position(Math.min(from.limit(), from.position() + length));
    }
    return Arrays.copyOf(to.array(), to.position());
  }

  @Override
  public void close() throws IOException {
    listening.close();
    cut();
  }
}
