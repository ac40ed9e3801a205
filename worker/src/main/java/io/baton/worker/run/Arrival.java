package io.baton.worker.run;

import io.baton.service.CloseReason;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session that has come from another worker, until its connection is ours: what is to go out and
 * to come in first, and what the service wants meanwhile. Event loop only.
 */
final class Arrival {
  private final SavedSession saved;
  private final List<Object> sent = new ArrayList<>(1);
  private long bytes;
  private @Nullable CloseReason closing;

  Arrival(SavedSession saved) {
    this.saved = saved;
  }

  SavedSession saved() {
    return saved;
  }

  /**
   * The service sends already.
   *
   * @return false if that is more than may wait: then the session will end
   */
  boolean send(Object message, int maxPending) {
    if (bytes > maxPending) {
      close(CloseReason.LIMIT);
      return false;
    }
    bytes += Outlet.sizeOf(message);
    return sent.add(message);
  }

  /** The service closes already; the first reason stands. */
  void close(CloseReason why) {
    if (closing == null) {
      closing = why;
    }
  }

  /** The connection is another's, or nobody's. */
  void drop() {
    sent.forEach(ReferenceCountUtil::release);
    sent.clear();
  }

  /** The connection is ours: the session goes on where it was. */
  void goOn(Connection connection) {
    if (saved.unsent().hasRemaining()) {
      connection.resend(Unpooled.wrappedBuffer(saved.unsent()));
    }
    for (Object message : sent) {
      if (connection.ending() != null || !connection.write(message)) {
        ReferenceCountUtil.release(message);
      }
    }
    sent.clear();
    if (closing != null) {
      connection.end(closing);
    } else if (saved.codec().unread().hasRemaining()) {
      connection.reread(Unpooled.copiedBuffer(saved.codec().unread()));
    }
  }
}
