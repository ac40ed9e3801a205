package io.baton.bench;

import io.baton.service.Module;
import io.baton.service.Publication;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.Subscriber;
import io.baton.service.Topics;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/**
 * Brings the services {@code crowd}, whose sessions get what each of them sends, and {@code pour},
 * for messages that never leave the server. A session of either begins with the process that it is
 * in, as eight bytes.
 */
public final class TopicsModule implements Module {
  static final String CROWD = "crowd";
  static final String POUR = "pour";

  @Override
  public String name() {
    return "topics";
  }

  @Override
  public void start(Context context) {
    Topics topics = context.topics();
    Crowd crowd = new Crowd(topics);
    context.service(CROWD, ByteBuf.class, ByteBuf.class, () -> crowd);
    context.service(POUR, ByteBuf.class, ByteBuf.class, () -> new Pour(topics));
  }

  static ByteBuf greeting() {
    return Unpooled.buffer(Long.BYTES).writeLong(ProcessHandle.current().pid());
  }

  /** All in one topic. */
  private record Crowd(Topics topics) implements Service<ByteBuf, ByteBuf>, Subscriber<ByteBuf> {

    @Override
    public boolean opened(Session<ByteBuf> session) {
      session.subscribe(CROWD);
      session.send(greeting());
      return true;
    }

    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      topics.publish(CROWD, ByteBufUtil.getBytes(message));
    }

    @Override
    public void published(Session<ByteBuf> session, Publication publication) {
      session.send(Unpooled.wrappedBuffer(publication.message()));
    }
  }
}
