package io.baton.worker.run;

import io.baton.pipe.HandoffKind;
import io.baton.pipe.Message.Handoff;
import io.baton.worker.channel.FdChannel;
import io.baton.worker.failure.FailureReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to move a connection to another worker. While it lasts the connection is frozen:
 * nothing is read, no message is handed out, no time runs against the client.
 *
 * <pre>
 *   QUIETING ── nothing is unprocessed ──► SAVING ── the service has saved ──► SAVED ──► moved()
 *       └──────────── cannot move now, gave up ──┴────────────────────────────────┘──► thawed
 *   any: the session ends ──► OVER
 * </pre>
 *
 * <p>From the moment the service saves, no callback of it runs until it has moved or is thawed:
 * what it saved stays true. What is sent meanwhile, by other threads or other sessions, is encoded
 * and goes out here; what the kernel does not take of it is part of the state. In the one turn of
 * the loop in which the state is taken and given, the session is {@linkplain #seal sealed}: nothing
 * is on its way then, and who sends waits for the outcome. Event loop only.
 */
public final class Migration {

  /** Who wants the connection moved. */
  public interface Owner {
    /** All of it can be given now: {@link #state}, then {@link #moved} or {@link #thaw}. */
    void saved(Migration migration);

    /** Its service cannot save: it goes on here. */
    void unsaved(Migration migration, String reason);

    /** It goes on here, or it has ended; this attempt is over. */
    void over(Migration migration);
  }

  private enum Phase {
    QUIETING,
    SAVING,
    SAVED,
    OVER
  }

  /** What is longer does not move: it would have to be in memory twice. */
  static final int MAX_STATE = 256 * 1024 * 1024;

  private final Connection connection;
  private final LiveSession<?, ?> session;
  private final Owner owner;
  private Phase phase = Phase.QUIETING;
  private boolean givenUp;
  private @Nullable ByteBuffer service;

  Migration(Connection connection, Owner owner) {
    this.connection = connection;
    this.session = connection.session();
    this.owner = owner;
  }

  /** To be called once, when its owner knows it. */
  public void begin() {
    check();
  }

  /** Its service has been asked to save and has not returned. */
  public boolean isSaving() {
    return phase == Phase.SAVING;
  }

  /** Why the service has not saved in time, for the operator. */
  public String hanging(long afterMs) {
    return FailureReason.hanging("save()", afterMs, "quiesce-timeout", session.serviceClass());
  }

  /** The service threw. */
  void unsaved(String reason) {
    owner.unsaved(this, reason);
  }

  /** Which of its listener's protocols is spoken. */
  public String protocol() {
    return session.protocol().name();
  }

  /** As {@link OpenSession#kind}. */
  public String kind() {
    return connection.kind();
  }

  /** Whether nothing more will come of it. */
  public boolean isOver() {
    return phase == Phase.OVER;
  }

  /** Looks whether what it waits for has come; for whoever changes what that depends on. */
  void check() {
    if (phase != Phase.QUIETING || !connection.window().quiet()) {
      return;
    }
    if (savedCodec().isEmpty()) {
      thaw(); // the client has to say more first, which it cannot while it is frozen
    } else {
      phase = Phase.SAVING;
      session.save(this::saved, this::thaw);
    }
  }

  private Optional<Saved> savedCodec() {
    try {
      return session.flow().save();
    } catch (RuntimeException | LinkageError e) {
      connection.fail(e);
      return Optional.empty();
    }
  }

  private void saved(byte[] bytes) {
    if (phase != Phase.SAVING) {
      return;
    }
    service = ByteBuffer.wrap(bytes);
    phase = Phase.SAVED;
    if (givenUp) {
      thaw();
    } else {
      owner.saved(this);
    }
  }

  /**
   * Nothing more is sent through this worker until the attempt is over or {@link #unseal} says that
   * it takes longer. To be called before {@link #state}, in the same turn of the loop.
   *
   * @return false if something that was sent is still on its way here: the owner hears {@link
   *     Owner#saved} again behind it
   */
  public boolean seal() {
    if (phase != Phase.SAVED || session.seal(true)) {
      return true;
    }
    connection
        .loop()
        .execute(() -> {
          if (phase == Phase.SAVED) {
            owner.saved(this);
          }
        });
    return false;
  }

  /** It cannot be given now, and will be sealed again when it can. */
  public void unseal() {
    var _ = session.seal(false);
  }

  /** As this kind: what the manager is to know of the connection. */
  public Handoff handoff(HandoffKind kind) {
    Handoff facts = connection.facts();
    return new Handoff(facts.id(), facts.listener(), facts.peer(), kind);
  }

  /**
   * The session as it is now, to be given at once; empty if it cannot be, for which this attempt is
   * to be ended with {@link #thaw}.
   */
  public Optional<SavedSession> state() {
    ByteBuffer saved = service;
    if (phase != Phase.SAVED || saved == null) {
      return Optional.empty();
    }
    Optional<ByteBuffer> unsent = unsent(connection.channel());
    Optional<Saved> codec = savedCodec();
    if (phase != Phase.SAVED || unsent.isEmpty() || codec.isEmpty()) {
      return Optional.empty();
    }
    String protocol = session.protocol().name();
    return Optional.of(new SavedSession(protocol, codec.get(), saved, unsent.get()));
  }

  /** What the kernel does not take now. Empty if it is no bytes, or too many. */
  private static Optional<ByteBuffer> unsent(Channel channel) {
    channel.flush();
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    if (buffer == null || buffer.totalPendingWriteBytes() > MAX_STATE) {
      return Optional.empty();
    }
    List<ByteBuf> pieces = new ArrayList<>();
    try {
      buffer.forEachFlushedMessage(each -> each instanceof ByteBuf bytes && pieces.add(bytes));
    } catch (Exception e) {
      throw new IllegalStateException(e); // nothing in there throws
    }
    if (pieces.size() != buffer.size()) {
      return Optional.empty();
    }
    ByteBuffer all = ByteBuffer.allocate(pieces.stream().mapToInt(ByteBuf::readableBytes).sum());
    pieces.forEach(each -> all.put(each.nioBuffer()));
    return Optional.of(all.flip());
  }

  /** The connection's channel, whose descriptor is to be given. */
  public FdChannel channel() {
    return (FdChannel) connection.channel();
  }

  /** The kernel has the handoff: the connection is another's from now on. */
  public void moved() {
    phase = Phase.OVER;
    connection.moved();
  }

  /** It took too long: once the service has returned, the connection goes on here. */
  public void giveUp() {
    givenUp = true;
    if (phase == Phase.QUIETING || phase == Phase.SAVED) {
      thaw();
    }
  }

  /** The connection goes on here. */
  public void thaw() {
    if (phase != Phase.OVER) {
      phase = Phase.OVER;
      unseal();
      connection.thaw();
      owner.over(this);
    }
  }

  /** The session has ended: there is nothing to move any more. */
  void ended() {
    if (phase != Phase.OVER) {
      phase = Phase.OVER;
      owner.over(this);
    }
  }
}
