package io.baton.worker.codec.websocket;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.codec.Window;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;

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
 * </table>
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

  private static final int WINDOW = 32;

  private final int maxMessage;
  private final boolean deflate;

  /**
   * @param maxMessage bytes of a message received, its fragments together and unpacked
   * @param deflate whether permessage-deflate was agreed on, each message by itself; a session that
   *     moves here brings its own agreement
   */
  public WebSocketCodec(int maxMessage, boolean deflate) {
    this.maxMessage = maxMessage;
    this.deflate = deflate;
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
  public Flow install(CodecContext context) {
    boolean packs = context.saved().map(WebSocketCodec::packs).orElse(deflate);
    Window window = context.window();
    WebSocketEncoder encoder = new WebSocketEncoder(packs);
    WebSocketDecoder decoder = new WebSocketDecoder(window, encoder, maxMessage, packs);
    context.pipeline().addLast(encoder, decoder);
    return new WebSocketFlow(window, encoder, decoder, packs);
  }

  /** The state: one byte, whether permessage-deflate was agreed on. */
  static ByteBuffer state(boolean packs) {
    return ByteBuffer.allocate(1).put(0, (byte) (packs ? 1 : 0));
  }

  static boolean packs(Saved saved) {
    saved.require(NAME, VERSION);
    ByteBuffer state = saved.state();
    if (state.remaining() != 1) {
      throw new IllegalArgumentException(
          "a websocket's state of " + state.remaining() + " bytes; it is one");
    }
    return state.get(state.position()) != 0;
  }
}
