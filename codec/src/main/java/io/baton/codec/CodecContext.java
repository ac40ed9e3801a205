package io.baton.codec;

import io.baton.service.Peer;
import io.baton.service.SessionKey;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The installation of a codec on one connection: what the runtime hands to the codec, and what the
 * codec may ask of the runtime. Each call of {@link Codec#install} gets an object of its own, which
 * the codec may keep for as long as its session lasts. Event loop only.
 *
 * <p>Only the runtime implements this interface; methods may be added to it. A test gets a context
 * from {@link #of}.
 */
public interface CodecContext {

  /** Returns the connection's pipeline, at whose end the codec adds its handlers. */
  ChannelPipeline pipeline();

  /** Returns the client. */
  Peer peer();

  /** Returns the session's window, which says when a message may be handed out. */
  Window window();

  /**
   * Returns what {@link Flow#save} of the same codec returned in another worker; empty for a new
   * session, and once the codec is installed. The runtime puts {@link Saved#unread} through the
   * pipeline after the installation, before it reads anything else.
   */
  Optional<Saved> saved();

  /** Returns who the client is, as far as it is known. */
  default ClientIdentity identity() {
    return new UnknownClient(peer());
  }

  /** Returns the key under which this session's client finds it again; empty if it has none. */
  default Optional<SessionKey> key() {
    return Optional.empty();
  }

  /**
   * Returns for how long this session would wait for its client after the connection is lost, if it
   * has a key. Zero if it would not, because its listener has no {@code awaits-return}, or its
   * service is not {@link io.baton.service.Resumable} or not made yet.
   */
  default Duration awaitsReturn() {
    return Duration.ZERO;
  }

  /**
   * Returns whether the session has lost its client's connection: this installation only keeps it
   * until the client is back, and what it writes waits for that.
   */
  default boolean isAway() {
    return false;
  }

  /**
   * Gives the session a key, if it has none yet, and opens its service, if {@link Codec#seeks} has
   * put that off.
   *
   * @throws io.netty.handler.codec.DecoderException if the client is beyond a limit and may only go
   *     on with a session that it had: the codec passes it on, and is told {@link Flow#goodbye}
   */
  default SessionKey claim() {
    throw new UnsupportedOperationException("no session can be found here");
  }

  /**
   * As {@link #claim}, with a {@linkplain SessionKey#isShort short} key, for a protocol whose
   * clients can say no longer one. Such keys are guessed in some million attempts: the protocol
   * needs a secret besides. Two sessions of one server have the same by chance in 1 of 16 million
   * pairs.
   */
  default SessionKey claimShort() {
    throw new UnsupportedOperationException("no session can be found here");
  }

  /**
   * Looks for the session that the client had before, or that this connection is to be a part of.
   * May be asked once, of a codec that {@link Codec#seeks}, before anything is written to this
   * connection and before a message is handed out.
   *
   * @param read all that the client has sent, up to 4 KiB, which stays the caller's: where the
   *     session is, another {@link Codec#install} reads it again
   * @return {@link Meeting.Elsewhere} also for a client beyond a limit whose session is not found:
   *     the runtime ends it, with {@link Flow#goodbye}
   */
  default Meeting meet(SessionKey key, ByteBuf read) {
    throw new UnsupportedOperationException("no session can be found here");
  }

  /**
   * As {@link #meet(SessionKey, ByteBuf)}, of a client that has shown what {@link Flow#admits}.
   *
   * @param proof at most 255 bytes
   */
  default Meeting meet(SessionKey key, ByteBuf read, ByteBuffer proof) {
    return meet(key, read);
  }

  /**
   * As {@link #meet(SessionKey, ByteBuf)}, for a codec that has spoken with the client before it
   * knows whether the client may ask: may be asked behind what the codec has written, too.
   *
   * @param codec what another {@link Codec#install} finds as {@link #saved} where the session is;
   *     up to 4 KiB
   */
  default Meeting meet(SessionKey key, Saved codec) {
    throw new UnsupportedOperationException("no session can be found here");
  }

  /**
   * Returns the codec's part, as it is now, of the session that {@link #meet} has found {@link
   * Meeting.Here here}: empty if none was found, or if it cannot be gone on with any more, because
   * it has ended or is moving. If it is there, {@link #replace} may be called in the same turn.
   */
  default Optional<Flow> met() {
    return Optional.empty();
  }

  /**
   * Puts this connection in the place of the one that the session had which is {@link Meeting.Here
   * here}. The handlers of this installation are removed, and those of a new one on the same
   * connection are the session's.
   *
   * @param codec what that installation finds as {@link #saved}
   * @param last number of the last message that the client has seen, for {@link
   *     io.baton.service.Resumable#back}
   * @throws IllegalStateException if the principals of the two are not {@linkplain
   *     ClientIdentity#isOfMetSession the same}
   */
  default void replace(Saved codec, OptionalLong last) {
    throw new UnsupportedOperationException("no session can be found here");
  }

  /** The most connections of a session. */
  int MAX_CONNECTIONS = 15;

  /**
   * Adds this connection to those of the session that {@link #meet} has found {@link Meeting.Here
   * here}, as its companion: for protocols in which one session has several connections. The
   * handlers of this installation are removed, and the codec is installed anew on the same
   * connection, with a {@link Flow} of its own; that the session began on does not change. Then
   * what it has of {@link Saved#unread} is read.
   *
   * <p>The session's service receives what the codec hands out on any of the connections, in one
   * order, and its {@link #window} is that of all of them. While it is shut, the connections whose
   * codecs have found that with {@link Window#open} are not read, and the others are; it is quiet
   * when nothing of any connection is unprocessed. What the service sends goes through the pipeline
   * of the connection on which the session began, whose handlers pass it on to the companion that
   * it is for, and flush that when they are flushed. All of the connections move to another worker
   * together: {@link Flow#save} is called on each flow, and there the codec is installed on the
   * first connection, then on the companions in the order in which they came.
   *
   * <p>When a companion's connection ends, its flow is told {@link Flow#ended} and the session goes
   * on. When the first one's ends, or the session does, each flow writes its {@link Flow#goodbye},
   * and all of them end. A session that has companions does not wait for its client's return, and
   * no connection {@linkplain #replace replaces} its own.
   *
   * @param codec what that installation finds as {@link #saved}
   * @throws io.netty.handler.codec.DecoderException if the session has {@link #MAX_CONNECTIONS}, or
   *     waits for its client's return: the codec passes it on, and is told {@link Flow#goodbye}
   */
  default void accompany(Saved codec) {
    throw new UnsupportedOperationException("no session can be found here");
  }

  /**
   * Returns the codec's part, on the connection on which the session began, of the session that
   * this connection is a {@linkplain #accompany companion} of; empty if it began on this one.
   */
  default Optional<Flow> accompanies() {
    return Optional.empty();
  }

  /**
   * Makes a context of these parts.
   *
   * @param saved null for a new session
   */
  static CodecContext of(
      ChannelPipeline pipeline, Peer peer, Window window, @Nullable Saved saved) {
    record Parts(ChannelPipeline pipeline, Peer peer, Window window, Optional<Saved> saved)
        implements CodecContext {}
    return new Parts(pipeline, peer, window, Optional.ofNullable(saved));
  }

  /**
   * Makes a context for a test, with a client of this machine.
   *
   * @param saved null for a new session
   */
  static CodecContext of(ChannelPipeline pipeline, Window window, @Nullable Saved saved) {
    return of(pipeline, new Peer.Tcp(InetAddress.getLoopbackAddress(), 1), window, saved);
  }
}
