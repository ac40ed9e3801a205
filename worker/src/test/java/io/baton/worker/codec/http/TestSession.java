package io.baton.worker.codec.http;

import io.baton.service.Cancellable;
import io.baton.service.CloseReason;
import io.baton.service.Hold;
import io.baton.service.Peer;
import io.baton.service.Session;
import io.baton.service.SessionId;
import io.netty.handler.codec.http.HttpObject;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Keeps what a service sends. */
final class TestSession implements Session<HttpObject> {
  final List<HttpObject> sent = new ArrayList<>();

  void releaseAll() {
    sent.forEach(ReferenceCountUtil::release);
    sent.clear();
  }

  @Override
  public boolean send(HttpObject message) {
    return sent.add(message);
  }

  @Override
  public SessionId id() {
    return new SessionId(1);
  }

  @Override
  public Peer peer() {
    return new Peer.Unix(1, 2);
  }

  @Override
  public boolean writable() {
    return true;
  }

  @Override
  public Hold hold() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Cancellable after(Duration delay, Runnable task) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close(CloseReason why) {
    throw new UnsupportedOperationException();
  }
}
