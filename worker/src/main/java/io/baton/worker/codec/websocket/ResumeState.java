package io.baton.worker.codec.websocket;

import io.baton.codec.CodecContext;
import io.baton.service.SessionKey;
import io.baton.worker.codec.websocket.WebSocketCodec.Spoken;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The part of a session by which its client can come back to it. Event loop only. */
final class ResumeState {
  /** Of a session whose client has not offered to. */
  static final ResumeState NONE = new ResumeState(null, Spoken.ANYTHING, null);

  private final @Nullable CodecContext context;
  private final Spoken spoken;
  private @Nullable ResumeTokens tokens;

  /**
   * @param context null if the session's client cannot come back
   * @param tokens null if it cannot, or not yet
   */
  ResumeState(@Nullable CodecContext context, Spoken spoken, @Nullable ResumeTokens tokens) {
    this.context = context;
    this.spoken = spoken;
    this.tokens = tokens;
  }

  /** Returns those of a client that can come back; null if it cannot. */
  @Nullable ResumeTokens tokens() {
    return tokens;
  }

  /** Returns what the handshake agreed on with which the session began. */
  Spoken spoken() {
    return spoken;
  }

  private Duration awaits() {
    return context == null ? Duration.ZERO : context.awaitsReturn();
  }

  /** Begins a new session, and returns what its client is told. */
  Welcome begin() {
    Duration awaits = awaits();
    if (context == null || awaits.isZero()) {
      return new Welcome(null, false, awaits);
    }
    SessionKey key = context.claim();
    ResumeTokens first = ResumeTokens.first();
    tokens = first;
    return new Welcome(ResumeOffer.ticket(key, first.current()), false, awaits);
  }

  /**
   * Whether a client may go on with this session.
   *
   * @param route whose WebSocket it asks for
   * @param subprotocols that it offers
   */
  boolean admits(ResumeOffer client, String route, List<String> subprotocols) {
    ResumeTokens its = tokens;
    return its != null
        && its.contains(client.token())
        && spoken.route().equals(route)
        && (spoken.subprotocol().isEmpty() || subprotocols.contains(spoken.subprotocol()));
  }

  /** Whether these bytes are one of the tokens. */
  boolean isShown(ByteBuffer token) {
    ResumeTokens its = tokens;
    return its != null
        && token.remaining() == ResumeToken.BYTES
        && its.contains(ResumeToken.read(token.duplicate()));
  }

  /** Returns the tokens for the time after this return of a client that it {@link #admits}. */
  ResumeTokens renewed(ResumeOffer client) {
    return tokens == null ? ResumeTokens.first() : tokens.renewed(client.token());
  }

  /** Returns what that client is told. */
  Welcome back(ResumeOffer client, ResumeTokens next) {
    return new Welcome(ResumeOffer.ticket(client.key(), next.current()), true, awaits());
  }
}
