package io.baton.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.link.Link;
import java.io.IOException;
import java.util.Scanner;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A client of {@link Greeter}: says hello to each name that it reads from its input. Reload the
 * server meanwhile, or cut the connection: the numbers go on.
 */
public final class GreeterClient {
  private GreeterClient() {}

  /** Runs the client; the only argument is the address, such as tcp://127.0.0.1:7100/greeter. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BlockingQueue<Talk> answers = new LinkedBlockingQueue<>();
    Scanner names = new Scanner(System.in, UTF_8);
    try (var session = Link.open(arguments[0], Talk.class, answers::add)) {
      while (names.hasNextLine() && session.send(new Talk.Hello(names.nextLine()))) {
        System.out.println(answers.take());
      }
    }
  }
}
