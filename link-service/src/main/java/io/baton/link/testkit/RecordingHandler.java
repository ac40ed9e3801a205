package io.baton.link.testkit;

import io.baton.link.Answer;
import io.baton.link.Ending;
import io.baton.link.Incoming;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.Transfer;
import java.time.Duration;
import java.util.List;

/**
 * A handler that writes messages down, those of channels and questions included, before another
 * handler gets them.
 */
record RecordingHandler<I, O>(LinkHandler<I, O> handler, List<I> received)
    implements LinkHandler<I, O> {

  @Override
  public boolean opened(LinkSession<I, O> session) {
    return handler.opened(session);
  }

  @Override
  public void received(LinkSession<I, O> session, I message) {
    received.add(message);
    handler.received(session, message);
  }

  @Override
  public void received(LinkSession<I, O> session, String channel, I message) {
    received.add(message);
    handler.received(session, channel, message);
  }

  @Override
  public void asked(LinkSession<I, O> session, I question, Answer<O> answer) {
    received.add(question);
    handler.asked(session, question, answer);
  }

  @Override
  public void streamed(LinkSession<I, O> session, Incoming stream) {
    handler.streamed(session, stream);
  }

  @Override
  public void transferred(LinkSession<I, O> session, Transfer transfer) {
    handler.transferred(session, transfer);
  }

  @Override
  public void goingAway(LinkSession<I, O> session, Duration comeBack) {
    handler.goingAway(session, comeBack);
  }

  @Override
  public void undecodable(LinkSession<I, O> session, String type) {
    handler.undecodable(session, type);
  }

  @Override
  public void away(LinkSession<I, O> session) {
    handler.away(session);
  }

  @Override
  public void back(LinkSession<I, O> session) {
    handler.back(session);
  }

  @Override
  public void draining(LinkSession<I, O> session) {
    handler.draining(session);
  }

  @Override
  public void closed(LinkSession<I, O> session, Ending why) {
    handler.closed(session, why);
  }

  @Override
  public byte[] save(LinkSession<I, O> session) {
    return handler.save(session);
  }

  @Override
  public void resumed(LinkSession<I, O> session, byte[] saved) {
    handler.resumed(session, saved);
  }
}
