package io.baton.examples;

import io.baton.link.Answer;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import java.nio.ByteBuffer;

/**
 * Greets whoever says hello, as a message or as a question, and counts the greetings of each
 * session. A session goes on, with its count, when its client loses the connection and when it
 * moves to another worker.
 */
final class Greeter implements LinkHandler<Talk, Talk> {
  private static final int ONLY_THE_SERVICE = 256;

  private final long worker = ProcessHandle.current().pid();
  private int greetings;

  @Override
  public void received(LinkSession<Talk, Talk> session, Talk message) {
    switch (message) {
      case Talk.Hello(String name) -> session.send(greeting(name));
      case Talk.Greeting _ -> session.close(ONLY_THE_SERVICE, "only the service greets");
    }
  }

  @Override
  public void asked(LinkSession<Talk, Talk> session, Talk question, Answer<Talk> answer) {
    switch (question) {
      case Talk.Hello(String name) -> answer.reply(greeting(name));
      case Talk.Greeting _ -> answer.fail(ONLY_THE_SERVICE, "only the service greets");
    }
  }

  private Talk.Greeting greeting(String name) {
    return new Talk.Greeting("Hello, " + name + "!", ++greetings, worker);
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
