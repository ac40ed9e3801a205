package io.baton.bench;

import io.baton.link.Ending;
import io.baton.link.Link;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.types.Types;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The client of Link's echo: Link's own, as its users have it. */
final class LinkEchoClient implements EchoClient {
  private static final int CLOSE_SECONDS = 10;

  private final String address;
  private final Types<Payload> types = Types.of(Payload.class);

  LinkEchoClient(int port) {
    address = "tcp://127.0.0.1:%d/%s".formatted(port, EchoLinkModule.SERVICE);
  }

  @Override
  public Session open(Listener listener) throws IOException {
    Handler handler = new Handler(listener);
    LinkSession<Payload, Payload> session = Link.open(address, types, types, handler);
    return new Session() {
      @Override
      public void send(byte[] payload) {
        session.send(new Payload(payload));
      }

      @Override
      public void close() {
        handler.closing = true;
        session.close();
        handler.awaitClosed();
      }
    };
  }

  private static final class Handler implements LinkHandler<Payload, Payload> {
    private final Listener listener;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean closing;

    Handler(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void received(LinkSession<Payload, Payload> session, Payload message) {
      listener.answered(message.bytes());
    }

    @Override
    public void closed(LinkSession<Payload, Payload> session, Ending why) {
      closed.countDown();
      if (!closing) {
        listener.lost(why.toString());
      }
    }

    void awaitClosed() {
      try {
        if (!closed.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
          throw new BenchException("a session of Link did not close");
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
