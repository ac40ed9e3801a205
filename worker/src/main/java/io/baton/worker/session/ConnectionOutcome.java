package io.baton.worker.session;

import io.netty.channel.ChannelFutureListener;

/** A connection as the part that made its channel sees it. Event loop only. */
public interface ConnectionOutcome {

  /** Sets who is told when another channel, which bears its session after this one, is closed. */
  void watch(ChannelFutureListener closed);

  /** Whether its session outlives it here: its end is then told by another channel's. */
  boolean goesOnWithout();

  /** Whether its session went to another worker: its end here is then no end of a connection. */
  boolean hasMoved();

  /** Whether it has ended, or is about to, because the client broke its protocol. */
  boolean brokeProtocol();

  /** Closes a connection whose channel was never registered: it goes on elsewhere, or ends. */
  void abandon();
}
