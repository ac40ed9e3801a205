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
import java.nio.ByteBuffer;

/**
 * Brings the services {@code crowd}, whose sessions get what each of them sends, {@code pour}, for
 * messages that never leave the server, and {@code delays}, for the time that each of them takes. A
 * session begins with the process that it is in, as eight bytes.
 */
public final class TopicsModule implements Module {
  static final String CROWD = "crowd";
  static final String POUR = "pour";
  static final String DELAYS = "delays";

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
    Delays delays = new Delays(topics);
    context.service(DELAYS, ByteBuf.class, ByteBuf.class, () -> delays);
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

  /** What its clients say is that of {@link TopicDelays}. */
  private record Delays(Topics topics) implements Service<ByteBuf, ByteBuf>, Subscriber<ByteBuf> {

    @Override
    public boolean opened(Session<ByteBuf> session) {
      session.send(greeting());
      return true;
    }

    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      if (message.readByte() == TopicDelays.SINK) {
        session.subscribe(DELAYS);
      } else {
        byte[] bytes = new byte[TopicDelays.SIZE];
        ByteBuffer.wrap(bytes).putLong(System.nanoTime());
        topics.publish(DELAYS, bytes);
      }
    }

    @Override
    public void published(Session<ByteBuf> session, Publication publication) {
      long nanos = System.nanoTime() - ByteBuffer.wrap(publication.message()).getLong();
      session.send(Unpooled.buffer(Long.BYTES).writeLong(nanos));
    }
  }
}
