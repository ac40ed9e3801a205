package io.baton.codec.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.service.Session;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * An answer that goes out in pieces.
 *
 * <pre>
 *   begun ── send ──► … ── end() ──► ended: its connection takes the next request
 *                     └── the client leaves, or the worker ends ──► ended
 * </pre>
 *
 * <p><b>Threading.</b> Any thread may send and end; pieces go out in the order of the calls. What
 * is run on an event runs in the session's lane, and is set before the handler returns.
 */
public final class HttpStream {
  private final Session<HttpObject> session;
  private volatile boolean ended;
  private volatile Runnable onWritable = () -> {};
  private volatile Runnable onDraining = () -> {};
  private Runnable onEnd = () -> {};

  HttpStream(Session<HttpObject> session) {
    this.session = session;
  }

  /**
   * Sends a piece.
   *
   * @return false if the stream has ended, and this is not sent
   */
  public boolean send(byte[] piece) {
    return send(Unpooled.wrappedBuffer(piece));
  }

  /** Sends a text in UTF-8; otherwise as {@link #send(byte[])}. */
  public boolean send(String text) {
    return send(text.getBytes(UTF_8));
  }

  private synchronized boolean send(ByteBuf piece) {
    return !ended && session.send(new DefaultHttpContent(piece));
  }

  /** Returns false while more waits for the client than it should, as {@link Session#writable}. */
  public boolean writable() {
    return !ended && session.writable();
  }

  /** Ends the answer, in order and once; the session goes on. */
  public void end() {
    Runnable then;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      then = onEnd;
      var _ = session.send(LastHttpContent.EMPTY_LAST_CONTENT);
    }
    then.run();
  }

  public boolean isEnded() {
    return ended;
  }

  /** Sets what runs when {@link #writable} turns true again. */
  public HttpStream onWritable(Runnable task) {
    onWritable = task;
    return this;
  }

  /**
   * Sets what runs when the worker is about to end and waits for this answer: {@link
   * io.baton.service.Draining}. Nothing, unless set: the answer goes on.
   */
  public HttpStream onDraining(Runnable task) {
    onDraining = task;
    return this;
  }

  /**
   * Sets what runs once, when the stream ends: by {@link #end}, in the thread that calls it, or
   * with its client. At once if it has ended, as a stream for a HEAD.
   */
  public HttpStream onEnd(Runnable task) {
    boolean over;
    synchronized (this) {
      onEnd = task;
      over = ended;
    }
    if (over) {
      task.run();
    }
    return this;
  }

  void writableAgain() {
    if (!ended) {
      onWritable.run();
    }
  }

  void draining() {
    if (!ended) {
      onDraining.run();
    }
  }

  /** The session is over. */
  void over() {
    Runnable then;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      then = onEnd;
    }
    then.run();
  }
}
