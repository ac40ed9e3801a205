package io.baton.link.testkit;

import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.service.CloseReason;
import io.baton.service.Principal;
import io.baton.service.Publication;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.Subscriber;
import io.baton.service.testkit.TestSession;
import io.baton.service.testkit.TestTopics;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The session of a {@link TestLink}'s service as its topics know it. It stays the same when the
 * session moves: what comes for it waits until the side that has the session then is given it.
 */
final class TestMember
    implements Service<LinkInput, LinkOutput>, Subscriber<LinkOutput>, Resumable<LinkOutput> {
  private final TestSession<LinkInput, LinkOutput> test;
  private final Session<LinkOutput> session;
  private final List<Consumer<Subscriber<LinkOutput>>> waiting = new ArrayList<>();
  private boolean isAway;

  TestMember(TestTopics topics, @Nullable Principal principal) {
    test = TestSession.of(this).topics(topics).sends(LinkOutput.class);
    if (principal != null) {
      test.principal(principal);
    }
    boolean unused = test.open();
    session = test.session();
  }

  /** Returns the session by which a service subscribes, and what it is known by. */
  Session<LinkOutput> session() {
    return session;
  }

  /**
   * Gives what has come to the side that has the session.
   *
   * @return whether there was anything
   */
  boolean giveTo(TestSide<?, ?> side) {
    if (side.ending() != null) {
      if (test.ended().isEmpty()) {
        test.end(CloseReason.CLIENT);
      }
      return false;
    }
    test.setWritable(side.writable() && !isAway);
    List<LinkOutput> relayed = test.takeSent();
    relayed.forEach(side::relay);
    List<Consumer<Subscriber<LinkOutput>>> now = List.copyOf(waiting);
    waiting.clear();
    now.forEach(side::tell);
    return !relayed.isEmpty() || !now.isEmpty();
  }

  /** The client has lost its connection, or is back. */
  void away(boolean is) {
    if (is != isAway && test.ended().isEmpty()) {
      isAway = is;
      if (is) {
        test.setWritable(false); // what is relayed meanwhile is missed
        test.goAway();
      } else {
        test.comeBack();
      }
    }
  }

  // ---- what the topics call ----

  @Override
  public void received(Session<LinkOutput> of, LinkInput message) {
    throw new AssertionError("its client is the test's");
  }

  @Override
  public void published(Session<LinkOutput> of, Publication publication) {
    waiting.add(its -> its.published(of, publication));
  }

  @Override
  public void sent(Session<LinkOutput> of, byte[] message) {
    waiting.add(its -> its.sent(of, message));
  }

  @Override
  public void missed(Session<LinkOutput> of, String topic, long count) {
    waiting.add(its -> its.missed(of, topic, count));
  }
}
