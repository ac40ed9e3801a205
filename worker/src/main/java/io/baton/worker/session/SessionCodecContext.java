package io.baton.worker.session;

import io.baton.codec.ClientIdentity;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Meeting;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.baton.service.Peer;
import io.baton.service.SessionKey;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a session hands to its codec on one of its connections. What the codec saved is not kept
 * once it is installed: it may be large, and codecs keep this object.
 */
final class SessionCodecContext implements CodecContext {
  private static final ByteBuffer NO_PROOF = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final ChannelPipeline pipeline;
  private final Peer peer;
  private final Window window;
  private final Meetings meetings;
  private @Nullable Saved state;

  /**
   * @param state null for a new session
   */
  SessionCodecContext(
      ChannelPipeline pipeline,
      Peer peer,
      Window window,
      @Nullable Saved state,
      Meetings meetings) {
    this.pipeline = pipeline;
    this.peer = peer;
    this.window = window;
    this.state = state;
    this.meetings = meetings;
  }

  /** The codec is installed. */
  void installed() {
    state = null;
  }

  @Override
  public ChannelPipeline pipeline() {
    return pipeline;
  }

  @Override
  public Peer peer() {
    return peer;
  }

  @Override
  public Window window() {
    return window;
  }

  /** The session's part of its codec's meetings. */
  interface Meetings {
    ClientIdentity identity();

    @Nullable SessionKey key();

    Duration awaitsReturn();

    SessionKey claim();

    SessionKey claimShort();

    void accompany(Saved codec);

    Optional<Flow> accompanies();

    /** What the codec saved under no name is read by one that is installed afresh. */
    Meeting meet(SessionKey wanted, Saved codec, ByteBuffer proof);

    Optional<Flow> met();

    void replace(Saved codec, OptionalLong last);

    /** It goes on without its client, which has lost its connection; false: it may not. */
    boolean loses();

    /** It waits for its client. */
    boolean isAway();

    /** For how long it still does, in milliseconds; negative if it does not. */
    long awayMs();
  }

  @Override
  public Optional<Saved> saved() {
    return Optional.ofNullable(state);
  }

  @Override
  public ClientIdentity identity() {
    return meetings.identity();
  }

  @Override
  public Optional<SessionKey> key() {
    return Optional.ofNullable(meetings.key());
  }

  @Override
  public Duration awaitsReturn() {
    return meetings.awaitsReturn();
  }

  @Override
  public boolean isAway() {
    return meetings.isAway();
  }

  @Override
  public SessionKey claim() {
    return meetings.claim();
  }

  @Override
  public SessionKey claimShort() {
    return meetings.claimShort();
  }

  @Override
  public void accompany(Saved codec) {
    meetings.accompany(codec);
  }

  @Override
  public Optional<Flow> accompanies() {
    return meetings.accompanies();
  }

  @Override
  public Meeting meet(SessionKey wanted, ByteBuf read) {
    return meet(wanted, read, NO_PROOF);
  }

  @Override
  public Meeting meet(SessionKey wanted, ByteBuf read, ByteBuffer proof) {
    ByteBuffer unread = ByteBuffer.allocate(read.readableBytes());
    read.getBytes(read.readerIndex(), unread);
    return meetings.meet(wanted, Saved.unread("", 0, unread.flip()), proof);
  }

  @Override
  public Meeting meet(SessionKey wanted, Saved codec) {
    return meetings.meet(wanted, codec, NO_PROOF);
  }

  @Override
  public Optional<Flow> met() {
    return meetings.met();
  }

  @Override
  public void replace(Saved codec, OptionalLong last) {
    meetings.replace(codec, last);
  }
}
