package io.baton.link.client;

import io.baton.link.core.Failure;
import io.baton.link.core.Limits;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import io.baton.link.core.LinkEvents;
import io.baton.link.core.MessageKind;
import io.baton.link.core.Request;
import io.baton.link.core.ServerHandshake;
import io.baton.link.types.MalformedException;
import io.baton.link.types.Output;
import io.baton.link.types.SchemaException;
import io.baton.link.types.Types;
import io.baton.link.types.UndecodableException;
import io.baton.service.Peer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A server of one session in memory, whose connections a test cuts, silences and refuses. It writes
 * down what it is told, consumes messages at once, and does what the test says.
 */
final class MemoryServer implements Dialer {
  /** By how much the server's clock is ahead of the client's, in nanoseconds. */
  static final long CLOCK_OFFSET = 123_456;

  /** What was told: "MESSAGE 0 5", kind, channel and number; and other events in words. */
  final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();

  private static final Types<Note> TYPES = Types.of(Note.class);

  /** The bytes of all streams. */
  final ByteArrayOutputStream streamed = new ByteArrayOutputStream();

  /** What it takes of a client. */
  Limits limits = Limits.DEFAULT;

  private final Random random = new Random(1);
  private @Nullable LinkCore core;
  private @Nullable Connection current;
  private int dialed;
  private boolean refuses;
  private boolean silent;
  private boolean forgets;

  /** Takes the place of {@link Events#message} when it is set: what a test does with messages. */
  volatile @Nullable OnMessage onMessage;

  /** False: what arrives is not consumed. */
  volatile boolean consumes = true;

  interface OnMessage {
    void told(LinkCore core, int channel, MessageKind kind, long ask, int number);
  }

  @Override
  public synchronized LinkConnection dial(Duration longest) throws IOException {
    dialed++;
    if (refuses) {
      throw new ConnectException("refused");
    }
    return new Connection();
  }

  /** Returns how often a client has tried to connect. */
  synchronized int dialed() {
    return dialed;
  }

  /** Does something with the core, and sends what comes of it. */
  synchronized void run(Consumer<LinkCore> action) {
    LinkCore session = core;
    if (session != null) {
      action.accept(session);
      flush();
    }
  }

  /** Cuts the connection; the session stays. */
  synchronized void cut() {
    if (current != null) {
      current.close();
    }
  }

  synchronized void refuse(boolean is) {
    refuses = is;
  }

  /** From here on nothing arrives in either direction, though the connection stays. */
  synchronized void silence(boolean is) {
    silent = is;
    flush();
  }

  /** Forgets the session, as when its worker dies. */
  synchronized void forget() {
    forgets = true;
    cut();
  }

  /** Returns the bytes of a message. */
  ByteBuffer bytes(int number) {
    Output to = new Output(1_000_000);
    TYPES.write(Note.of(number), to);
    return to.buffer();
  }

  /** Waits for what is told next. */
  String next() throws InterruptedException {
    String next = told.poll(30, TimeUnit.SECONDS);
    return next == null ? "nothing within 30 s" : next;
  }

  private void flush() {
    LinkCore session = core;
    Connection to = current;
    ByteBuffer buffer = ByteBuffer.allocate(8_192);
    while (!silent && session != null && to != null && session.write(buffer.clear()) > 0) {
      to.send(buffer.flip());
    }
    notifyAll();
  }

  private final class Events implements LinkEvents {
    private final LinkCore core;

    Events(LinkCore core) {
      this.core = core;
    }

    @Override
    public boolean message(
        int channel, MessageKind kind, long ask, int type, ByteBuffer payload, int size) {
      if (consumes) {
        core.consumed(channel, size);
      }
      int number = number(kind, payload);
      OnMessage own = onMessage;
      if (own != null) {
        own.told(core, channel, kind, ask, number);
      } else {
        told.add("%s %d %d".formatted(kind, channel, number));
      }
      return true;
    }

    private int number(MessageKind kind, ByteBuffer payload) {
      return switch (kind) {
        case MESSAGE, ASK, REPLY -> read(payload);
        case FAILED -> Failure.read(payload).code();
        case CANCEL -> 0;
      };
    }

    private int read(ByteBuffer payload) {
      try {
        return switch (TYPES.reading(TYPES.schema()).read(payload)) {
          case Note.Numbered(int number, String text) -> number;
        };
      } catch (UndecodableException | MalformedException | SchemaException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void defined(int type, ByteBuffer schema) {}

    @Override
    public void closed(int code, String text) {
      told.add("closed %d %s".formatted(code, text));
    }

    @Override
    public void opened(int channel, String name, long length) {
      told.add("opened %s %d".formatted(name, length));
    }

    @Override
    public void readable(int channel) {
      ByteBuffer buffer = ByteBuffer.allocate(8_192);
      while (core.streams().read(channel, buffer.clear()) > 0) {
        byte[] bytes = new byte[buffer.flip().remaining()];
        buffer.get(bytes);
        streamed.writeBytes(bytes);
      }
    }

    @Override
    public void openedMessages(int channel, String name) {
      told.add("channel %d %s".formatted(channel, name));
    }

    @Override
    public void ended(int channel, int code) {
      readable(channel);
      told.add("ended %d %s".formatted(channel, LinkCode.of(code)));
    }

    @Override
    public void stopped(int channel, int code) {
      told.add("stopped %d %s".formatted(channel, LinkCode.of(code)));
    }

    @Override
    public void pinged(long t1) {
      told.add("pinged");
      core.pong(t1, t1 + CLOCK_OFFSET, t1 + CLOCK_OFFSET);
    }
  }

  /** One connection of the client. */
  private final class Connection implements LinkConnection {
    private final ServerHandshake handshake = new ServerHandshake(limits, random);
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private boolean resuming;
    private boolean closed;

    void send(ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      output.writeBytes(copy);
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
      synchronized (MemoryServer.this) {
        try {
          while (!closed && output.size() == 0) {
            MemoryServer.this.wait();
          }
        } catch (InterruptedException e) {
          throw new AssertionError("nobody interrupts a session's own thread", e);
        }
        if (output.size() == 0) {
          return -1;
        }
        ByteBuffer all = ByteBuffer.wrap(output.toByteArray());
        int n = Math.min(to.remaining(), all.remaining());
        to.put(all.slice(0, n));
        output.reset();
        send(all.position(n));
        return n;
      }
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
      synchronized (MemoryServer.this) {
        if (closed) {
          throw new IOException("closed");
        }
        if (silent) {
          from.position(from.limit());
        } else if (this == current && core != null) {
          core.read(from, new Events(core));
        } else {
          shakeHands(from);
        }
        flush();
      }
    }

    private void shakeHands(ByteBuffer from) {
      handshake.read(from);
      LinkCore known = forgets ? null : core;
      boolean resumes =
          handshake.state() == ServerHandshake.State.ASKED
              && handshake.request() instanceof Request.Hello hello
              && hello.resume() != null;
      if (handshake.state() == ServerHandshake.State.ASKED && resumes && known == null) {
        handshake.refuse(LinkCode.NO_SUCH_SESSION, 0, "forgotten", List.of());
      } else if (handshake.state() == ServerHandshake.State.ASKED) {
        handshake.challenge(List.of(), resumes ? known : null);
        resuming = resumes;
      }
      if (handshake.state() == ServerHandshake.State.PROVEN) {
        if (resuming) {
          handshake.welcome(60_000);
        } else {
          byte[] id = new byte[16];
          random.nextBytes(id);
          handshake.welcome(id, 60_000);
          forgets = false;
        }
      }
      ByteBuffer buffer = ByteBuffer.allocate(8_192);
      while (handshake.pending()) {
        handshake.write(buffer.clear());
        send(buffer.flip());
      }
      if (handshake.state() == ServerHandshake.State.WELCOMED) {
        LinkCore session = handshake.core();
        session.define(0, ByteBuffer.wrap(TYPES.schema()));
        core = session;
        current = this;
        core.read(from, new Events(session));
        core.deliver(new Events(session));
      }
    }

    @Override
    public Peer peer() {
      return new Peer.Unix(1, 1);
    }

    @Override
    public void close() {
      synchronized (MemoryServer.this) {
        closed = true;
        if (this == current) {
          current = null;
          if (core != null && !silent) {
            core.lost();
          }
        }
        MemoryServer.this.notifyAll();
      }
    }
  }
}
