package io.baton.worker.codec.link;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.link.core.ServerHandshake;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.netty.channel.ChannelPipeline;

/**
 * The protocol of a Link session behind its handshake (docs/PROTOCOLS.md). Its messages stay
 * encoded: they are decoded in the service's lane.
 */
final class LinkCodec implements Codec<LinkInput, LinkOutput> {
  static final String NAME = "link";

  /** Of the saved form, which is the driver's. */
  static final int VERSION = 3;

  /**
   * Messages that may be unprocessed; the bytes are bounded by the window that the client is told.
   */
  private static final int WINDOW = 256;

  private final long comeBackMs;

  /**
   * Makes the codec of a listener's sessions.
   *
   * @param comeBackMs as {@link LinkServices#comeBackMs}
   */
  LinkCodec(long comeBackMs) {
    this.comeBackMs = comeBackMs;
  }

  @Override
  public Class<LinkInput> in() {
    return LinkInput.class;
  }

  @Override
  public Class<LinkOutput> out() {
    return LinkOutput.class;
  }

  @Override
  public int window() {
    return WINDOW;
  }

  @Override
  public boolean welcomes() {
    return true;
  }

  @Override
  public Flow install(CodecContext context) {
    LinkFlow flow =
        context
            .saved()
            .map(saved -> LinkFlow.restore(context, comeBackMs, saved))
            .orElseGet(() -> LinkFlow.begin(context, comeBackMs, proven(context.pipeline())));
    context.pipeline().addLast(flow);
    return flow;
  }

  /** Takes the handshake off the pipeline: the client may open a session and is to be welcomed. */
  private static ServerHandshake proven(ChannelPipeline pipeline) {
    return pipeline.remove(HandshakeFlow.class).handshake();
  }
}
