package io.baton.worker.channel;

import io.netty.channel.ChannelHandler;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the bytes of a connection go through below its codec, such as encryption: a handler before
 * all others. Sessions and codecs see what is inside; the channel, what is saved as unsent, and the
 * closing see what is outside. Event loop only.
 */
public interface Cover extends ChannelHandler {

  /** Tells the peer that nothing more will be sent; before the connection is closed in order. */
  void closeNotify();

  /** Returns why a connection under it stays in this worker, for the operator; null if it moves. */
  @Nullable String whyItStays();

  /**
   * Returns what another worker needs in order to go on with it. From now on nothing goes through
   * it here, unless it is {@linkplain #takeBack taken back}. What it had still to say is written to
   * the channel before.
   *
   * @return empty, with nothing given, if it cannot move now
   */
  Optional<ByteBuffer> give();

  /** No other worker has gone on with it, nor will. */
  void takeBack();
}
