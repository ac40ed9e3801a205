package io.baton.codec;

import io.baton.service.Peer;
import io.netty.channel.ChannelPipeline;
import java.net.InetAddress;
import java.util.Optional;
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
   * session. The runtime puts {@link Saved#unread} through the pipeline after the installation,
   * before it reads anything else.
   */
  Optional<Saved> saved();

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
