package io.baton.bench;

import io.baton.service.Publication;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.Subscriber;
import io.baton.service.Topics;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * One end of a stream of messages from a session to another one, of which at most {@value #WINDOW}
 * are under way. Its client says which end it is, a byte, and which stream, another one; what it
 * says later has it answer with how many messages it has got and missed, two numbers of eight
 * bytes.
 */
final class Pour implements Service<ByteBuf, ByteBuf>, Subscriber<ByteBuf> {
  static final byte SINK = 's';
  static final byte SOURCE = 'S';
  static final byte COUNT = 'c';

  private static final int WINDOW = 192; // fewer than may wait for a session
  private static final int ACKNOWLEDGED = 64;
  private static final byte[] MESSAGE = new byte[64];
  private static final byte[] ACKNOWLEDGEMENT = new byte[1];

  private final Topics topics;
  private String onward = "";
  private long got;
  private long missed;
  private boolean source;

  Pour(Topics topics) {
    this.topics = topics;
  }

  @Override
  public boolean opened(Session<ByteBuf> session) {
    session.send(TopicsModule.greeting());
    return true;
  }

  @Override
  public void received(Session<ByteBuf> session, ByteBuf message) {
    byte what = message.readByte();
    if (what == COUNT) {
      session.send(Unpooled.buffer(2 * Long.BYTES).writeLong(got).writeLong(missed));
      return;
    }
    int stream = message.readByte();
    source = what == SOURCE;
    session.subscribe((source ? "back/" : "stream/") + stream);
    onward = (source ? "stream/" : "back/") + stream;
    if (source) {
      publish(WINDOW);
    }
  }

  @Override
  public void published(Session<ByteBuf> session, Publication publication) {
    got++;
    if (source) {
      publish(ACKNOWLEDGED);
    } else if (got % ACKNOWLEDGED == 0) {
      topics.publish(onward, ACKNOWLEDGEMENT);
    }
  }

  private void publish(int messages) {
    for (int i = 0; i < messages; i++) {
      topics.publish(onward, MESSAGE);
    }
  }

  @Override
  public void missed(Session<ByteBuf> session, String topic, long count) {
    missed += count;
  }
}
