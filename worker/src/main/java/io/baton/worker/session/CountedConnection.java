package io.baton.worker.session;

import io.netty.channel.ChannelFutureListener;

/**
 * A connection's place in what the manager counts. It hears of the end of its channel, and of the
 * channel that bears its session after that, and asks what becomes of its session. Event loop only.
 */
public interface CountedConnection extends ChannelFutureListener {

  /** Its session goes on without it: it counts as away from now on. */
  void lost();

  /** It came beyond a limit and has its client's session now: it counts like any other. */
  void admitted();

  /** Its session has ended with it though that had seemed to go on. */
  void ended();
}
