package io.baton.worker.codec.link;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.link.core.ServerHandshake;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import org.jspecify.annotations.Nullable;

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

  /** Until it is given to the flow. */
  private @Nullable ServerHandshake proven;

  /**
   * For sessions that come from elsewhere.
   *
   * @param comeBackMs as {@link LinkServices#comeBackMs}
   */
  LinkCodec(long comeBackMs) {
    this.comeBackMs = comeBackMs;
    this.proven = null;
  }

  /**
   * For one new session.
   *
   * @param comeBackMs as {@link LinkServices#comeBackMs}
   * @param proven has shown that the client may open it; the welcome is still to be said
   */
  LinkCodec(long comeBackMs, ServerHandshake proven) {
    this.comeBackMs = comeBackMs;
    this.proven = proven;
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
            .orElseGet(() -> LinkFlow.begin(context, comeBackMs, proven));
    proven = null; // the codec stays with its session
    context.pipeline().addLast(flow);
    return flow;
  }
}
