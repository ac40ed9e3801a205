package io.baton.systemtest;

import io.baton.link.LinkSession;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.link.service.LinkService;
import io.baton.link.service.LinkSubscriber;
import io.baton.link.service.LinkTopics;
import io.baton.link.types.Types;
import io.baton.service.Module;

/**
 * A user's module whose service {@code room}, for Link, is one room with two topics: what a client
 * says goes to the topic that it names, and so to all. Publications of {@code relayed} reach
 * clients without the handler.
 */
public final class LinkRoomModule implements Module {
  static final String CALLED = "called";
  static final String RELAYED = "relayed";
  static final Types<LinkRoomWords> TYPES = Types.of(LinkRoomWords.class);

  @Override
  public String name() {
    return "link-rooms";
  }

  @Override
  public void start(Context context) {
    LinkTopics<LinkRoomWords> topics = LinkTopics.of(context.topics(), TYPES);
    topics.relay(RELAYED);
    context.service(
        "room",
        LinkInput.class,
        LinkOutput.class,
        LinkService.of(TYPES, TYPES, () -> new Room(topics)));
  }

  /** It keeps nothing: the subscriptions move along. */
  private static final class Room implements LinkSubscriber<LinkRoomWords, LinkRoomWords> {
    private final LinkTopics<LinkRoomWords> topics;

    private Room(LinkTopics<LinkRoomWords> topics) {
      this.topics = topics;
    }

    @Override
    public boolean opened(LinkSession<LinkRoomWords, LinkRoomWords> session) {
      session.subscribe(CALLED);
      session.subscribe(RELAYED);
      return true;
    }

    @Override
    public void received(LinkSession<LinkRoomWords, LinkRoomWords> session, LinkRoomWords message) {
      if (message instanceof LinkRoomWords.Said said && !topics.publish(said.topic(), said)) {
        session.close(300, "not everybody hears this");
      }
    }

    @Override
    public void published(
        LinkSession<LinkRoomWords, LinkRoomWords> session, String topic, LinkRoomWords message) {
      if (topic.equals(RELAYED)) {
        throw new IllegalStateException("it is relayed");
      }
      session.send(message);
    }

    @Override
    public void missed(
        LinkSession<LinkRoomWords, LinkRoomWords> session, String topic, long count) {
      session.send(new LinkRoomWords.Missed(topic, count));
    }
  }
}
