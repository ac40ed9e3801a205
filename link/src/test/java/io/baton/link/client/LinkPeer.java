package io.baton.link.client;

import io.baton.link.core.Limits;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.core.LinkEvents;
import io.baton.link.core.MessageKind;
import io.baton.link.core.Request;
import io.baton.link.core.ServerHandshake;
import io.baton.link.types.Types;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A small server of Link over plain sockets: it keeps sessions, lets clients resume them, and sends
 * each message back that it receives. It cuts connections where a test wants it.
 */
final class LinkPeer implements AutoCloseable {
  static final String SERVICE = "echo";

  private final ServerSocket listening;
  private final Map<String, Kept> sessions = new ConcurrentHashMap<>();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ByteBuffer schema;
  private final SecureRandom random = new SecureRandom();
  final AtomicInteger resumes = new AtomicInteger();

  volatile long graceMillis = 60_000;
  volatile List<byte[]> tokens = List.of();
  volatile byte[] lastCredential = {};

  /** Each connection is cut after so many bytes of the client. */
  volatile long cutsAfterBytes = Long.MAX_VALUE;

  /** False: messages are neither answered nor consumed. */
  volatile boolean consumes = true;

  volatile @Nullable LinkCode refuses;

  /** A session, whatever connection carries it. Its lock guards its core. */
  static final class Kept {
    final LinkCore core;
    @Nullable OutputStream out;
    final AtomicInteger received = new AtomicInteger();
    volatile @Nullable String goodbye;

    Kept(LinkCore core) {
      this.core = core;
    }

    /** Writes what there is to the connection that there is; lock held. */
    void flush() throws IOException {
      OutputStream to = out;
      ByteBuffer buffer = ByteBuffer.allocate(8_192);
      while (to != null && core.write(buffer.clear()) > 0) {
        to.write(buffer.array(), 0, buffer.position());
      }
    }

    synchronized void close(LinkCode code, String text) throws IOException {
      core.close(code, text);
      flush();
    }
  }

  LinkPeer(ServerSocket listening, Types<?> types) {
    this.listening = listening;
    this.schema = ByteBuffer.wrap(types.schema());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Returns the only session there is. */
  Kept session() {
    return sessions.values().iterator().next();
  }

  /** Forgets all sessions, as when the worker that has them dies. */
  void forgetSessions() {
    sessions.clear();
  }

  /** Cuts all connections; sessions stay. */
  void cut() throws IOException {
    for (Socket each : List.copyOf(sockets)) {
      each.close();
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    cut();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listening.accept();
        sockets.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      ByteBuffer input = ByteBuffer.allocate(8_192).flip();
      Kept kept = shakeHands(socket.getInputStream(), socket.getOutputStream(), input);
      if (kept != null) {
        serve(kept, socket.getInputStream(), socket.getOutputStream(), input);
      }
    } catch (IOException e) {
      // Cut.
    } finally {
      sockets.remove(socket);
    }
  }

  /** Returns the client's session, to which this connection is attached; null if refused. */
  private @Nullable Kept shakeHands(InputStream in, OutputStream out, ByteBuffer input)
      throws IOException {
    ServerHandshake handshake = new ServerHandshake(Limits.DEFAULT, random);
    Kept known = null;
    while (true) {
      switch (handshake.state()) {
        case READING, CHALLENGED -> {
          if (!input.hasRemaining() && !fill(in, input)) {
            return null;
          }
          handshake.read(input);
        }
        case ASKED -> known = answer(handshake);
        case PROVEN -> {
          return known == null ? welcome(handshake, out) : welcome(handshake, known, out);
        }
        case WELCOMED, ENDED -> {
          write(handshake, out);
          return null;
        }
      }
      write(handshake, out);
    }
  }

  /** Returns the session that the client resumes, null if none. */
  private @Nullable Kept answer(ServerHandshake handshake) {
    lastCredential = handshake.request().credential();
    LinkCode refusal = refuses;
    if (!(handshake.request() instanceof Request.Hello hello)) {
      handshake.services(List.of("chat", SERVICE));
      return null;
    }
    if (refusal != null) {
      handshake.refuse(refusal, 0, "the test wants it", tokens);
      return null;
    }
    Request.Resume resume = hello.resume();
    if (resume == null) {
      handshake.challenge(tokens, null);
      return null;
    }
    Kept known = sessions.get(HexFormat.of().formatHex(resume.id()));
    if (known == null) {
      handshake.refuse(LinkCode.NO_SUCH_SESSION, 0, "forgotten", tokens);
    } else {
      handshake.challenge(tokens, known.core);
    }
    return known;
  }

  private Kept welcome(ServerHandshake handshake, OutputStream out) throws IOException {
    byte[] id = new byte[16];
    random.nextBytes(id);
    handshake.welcome(id, graceMillis);
    Kept kept = new Kept(handshake.core());
    kept.core.define(0, schema.duplicate());
    sessions.put(HexFormat.of().formatHex(id), kept);
    write(handshake, out);
    kept.out = out;
    return kept;
  }

  private @Nullable Kept welcome(ServerHandshake handshake, Kept known, OutputStream out)
      throws IOException {
    synchronized (known) {
      known.core.lost();
      handshake.welcome(graceMillis);
      write(handshake, out);
      known.out = out;
      resumes.incrementAndGet();
    }
    return handshake.state() == ServerHandshake.State.WELCOMED ? known : null;
  }

  private void serve(Kept kept, InputStream in, OutputStream mine, ByteBuffer input)
      throws IOException {
    long left = cutsAfterBytes;
    try {
      while (left > 0) {
        input.limit((int) Math.min(input.limit(), input.position() + left));
        left -= input.remaining();
        synchronized (kept) {
          if (!mine.equals(kept.out)) {
            return; // Superseded.
          }
          kept.core.read(input, events(kept));
          kept.core.grantAll();
          kept.flush();
          if (kept.core.isOver()) {
            sessions.values().remove(kept);
            return;
          }
        }
        if (!fill(in, input)) {
          return;
        }
      }
    } finally {
      synchronized (kept) {
        if (mine.equals(kept.out)) {
          kept.out = null;
          kept.core.lost();
        }
      }
    }
  }

  private LinkEvents events(Kept kept) {
    return new LinkEvents() {
      @Override
      public boolean message(
          int channel, MessageKind kind, long ask, int types, ByteBuffer payload, int size) {
        kept.received.incrementAndGet();
        if (consumes) {
          kept.core.send(0, payload);
          kept.core.consumed(size);
        }
        return true;
      }

      @Override
      public void defined(int types, ByteBuffer schema) {}

      @Override
      public void closed(int code, String text) {
        kept.goodbye = LinkCode.of(code) + " " + text;
      }
    };
  }

  private static boolean fill(InputStream in, ByteBuffer input) throws IOException {
    int n = in.read(input.array(), input.arrayOffset(), input.clear().capacity());
    input.limit(Math.max(0, n));
    return n > 0;
  }

  private static void write(ServerHandshake handshake, OutputStream out) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(8_192);
    while (handshake.pending()) {
      handshake.write(buffer.clear());
      out.write(buffer.array(), 0, buffer.position());
    }
  }
}
