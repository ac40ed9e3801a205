package io.baton.worker.codec.websocket;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * WebSocket behind its handshake (RFC 6455; permessage-deflate: RFC 7692).
 *
 * <p>A service receives whole messages, fragments joined and unpacked, as {@link
 * io.netty.handler.codec.http.websocketx.TextWebSocketFrame} (its bytes are UTF-8) or {@link
 * io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame}. It may send both, also in
 * fragments, and pings. To close with a code of its own it sends a {@link
 * io.netty.handler.codec.http.websocketx.CloseWebSocketFrame} and closes the session, or waits for
 * the client to do so; what is sent behind a close frame is dropped.
 *
 * <p>The codec answers pings and the client's close by itself: the close, or what is wrong with a
 * frame, behind the answers to the messages that came before it. What it closes with:
 *
 * <table>
 * <caption>Close codes (RFC 6455, 7.4.1)</caption>
 * <tr><td>1000</td><td>the service closed the session</td></tr>
 * <tr><td>1001</td><td>the client was silent or slow for too long</td></tr>
 * <tr><td>1002</td><td>the client's frames are not as they should be</td></tr>
 * <tr><td>1007</td><td>a text is not UTF-8, or what is packed cannot be unpacked</td></tr>
 * <tr><td>1009</td><td>a message is longer than the bound, its fragments together and unpacked</td></tr>
 * <tr><td>1011</td><td>the service threw</td></tr>
 * <tr><td>1012</td><td>the worker is ending</td></tr>
 * <tr><td>1013</td><td>one client too many</td></tr>
 * <tr><td>4401</td><td>the client is not authorized</td></tr>
 * <tr><td>4403</td><td>the client is not allowed to open this</td></tr>
 * <tr><td>4404</td><td>there is no session that the client could go on with</td></tr>
 * <tr><td>4409</td><td>another connection of the client has taken the session</td></tr>
 * <tr><td>4503</td><td>it cannot be said now whether there is; to try again</td></tr>
 * </table>
 *
 * <p>A client that has offered {@code baton.resume} is told in the first message how it can come
 * back ({@link Welcome}, {@link ResumeOffer}). If its session waits for it, a close with 1001,
 * going away, does not end the session: browsers send it when a page is loaded again.
 *
 * <p>Can move at any time, also between fragments, until a close frame was sent or received. The
 * bytes saved may begin with frames that the client did not send in this form: the part of a
 * message that had come, as one fragment, and a ping that is not answered yet.
 *
 * <pre>
 *  bytes ─► WebSocketDecoder ─► service
 *               │ pong, close
 *  bytes ◄─ WebSocketEncoder ◄─ service
 * </pre>
 */
public final class WebSocketCodec implements Codec<WebSocketFrame, WebSocketFrame> {
  static final String NAME = "websocket";
  static final int VERSION = 1;

  /** That of sessions whose clients can come back. */
  static final int RESUMABLE_VERSION = 2;

  private static final int WINDOW = 32;

  private final int maxMessage;
  private final boolean deflate;
  private final Spoken spoken;
  private final boolean welcomes;

  /**
   * What the handshake agreed on.
   *
   * @param route whose service it is
   * @param subprotocol empty if there is none
   */
  record Spoken(String route, String subprotocol) {
    static final Spoken ANYTHING = new Spoken("", "");

    /** Returns the name of the protocol in saved sessions. */
    String name() {
      return subprotocol.isEmpty() ? route : route + " " + subprotocol;
    }
  }

  /**
   * @param maxMessage bytes of a message received, its fragments together and unpacked
   * @param deflate whether permessage-deflate was agreed on, each message by itself; a session that
   *     moves here brings its own agreement
   */
  public WebSocketCodec(int maxMessage, boolean deflate) {
    this(maxMessage, deflate, Spoken.ANYTHING, false);
  }

  /**
   * @param welcomes whether the client has offered {@code baton.resume}
   */
  WebSocketCodec(int maxMessage, boolean deflate, Spoken spoken, boolean welcomes) {
    this.maxMessage = maxMessage;
    this.deflate = deflate;
    this.spoken = spoken;
    this.welcomes = welcomes;
  }

  @Override
  public Class<WebSocketFrame> in() {
    return WebSocketFrame.class;
  }

  @Override
  public Class<WebSocketFrame> out() {
    return WebSocketFrame.class;
  }

  @Override
  public int window() {
    return WINDOW;
  }

  @Override
  public boolean welcomes() {
    return welcomes;
  }

  @Override
  public Flow install(CodecContext context) {
    Optional<State> saved = context.saved().map(State::of);
    boolean packs = saved.map(State::packs).orElse(deflate);
    ResumeTokens tokens = saved.isPresent() ? saved.get().tokens() : null;
    ResumeState resume =
        welcomes || tokens != null ? new ResumeState(context, spoken, tokens) : ResumeState.NONE;
    Window window = context.window();
    WebSocketEncoder encoder = new WebSocketEncoder(packs);
    WebSocketDecoder decoder = new WebSocketDecoder(window, encoder, resume, maxMessage, packs);
    context.pipeline().addLast(encoder, decoder);
    return new WebSocketFlow(window, encoder, decoder, resume, packs);
  }

  /**
   * What a session knows beyond the bytes: one byte, whether permessage-deflate was agreed on, and
   * in version 2 the {@linkplain ResumeTokens tokens} behind it.
   *
   * @param tokens null if the client cannot come back
   */
  record State(boolean packs, @Nullable ResumeTokens tokens) {

    static State of(Saved saved) {
      boolean resumable = saved.version() == RESUMABLE_VERSION;
      saved.require(NAME, resumable ? RESUMABLE_VERSION : VERSION);
      ByteBuffer state = saved.state();
      if (resumable ? !state.hasRemaining() : state.remaining() != 1) {
        throw new IllegalArgumentException(
            "a websocket's state of %d bytes; in version %d it is %s"
                .formatted(state.remaining(), saved.version(), resumable ? "more" : "one"));
      }
      boolean packs = state.get() != 0;
      return new State(packs, resumable ? ResumeTokens.read(state) : null);
    }

    Saved saved(ByteBuffer unread) {
      ResumeTokens its = tokens;
      ByteBuffer state = ByteBuffer.allocate(1 + (its == null ? 0 : its.bytes()));
      state.put((byte) (packs ? 1 : 0));
      if (its != null) {
        its.write(state);
      }
      return new Saved(NAME, its == null ? VERSION : RESUMABLE_VERSION, state.flip(), unread);
    }
  }
}
