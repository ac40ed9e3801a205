package io.baton.examples;

import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import java.nio.ByteBuffer;

/**
 * Greets whoever says hello, and counts the greetings of each session. A session goes on, with its
 * count, when its client loses the connection and when it moves to another worker.
 */
final class Greeter implements LinkHandler<Talk, Talk> {
  private final long worker = ProcessHandle.current().pid();
  private int greetings;

  @Override
  public void received(LinkSession<Talk, Talk> session, Talk message) {
    switch (message) {
      case Talk.Hello(String name) ->
          session.send(new Talk.Greeting("Hello, " + name + "!", ++greetings, worker));
      case Talk.Greeting _ -> session.close(256, "only the service greets");
    }
  }

  @Override
  public byte[] save(LinkSession<Talk, Talk> session) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(greetings).array();
  }

  @Override
  public void resumed(LinkSession<Talk, Talk> session, byte[] saved) {
    greetings = ByteBuffer.wrap(saved).getInt();
  }
}
