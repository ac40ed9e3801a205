package @package@;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.baton.service.Service;
import io.baton.service.Session;

/**
 * Answers each line with a greeting and its number. Each session has an object of this class, so
 * its fields are the session's state, and its callbacks run one after the other.
 */
final class Greeter implements Service<String, String> {
  private final String greeting;
  private int greetings;

  Greeter(String greeting) {
    this.greeting = greeting;
  }

  @Override
  public void received(Session<String> session, String line) {
    greetings++;
    session.send(greetings + " " + greeting + ", " + line + "!");
  }

  /** Saves the number: the session goes on in another worker, maybe with newer code. */
  @Override
  public byte[] save(Session<String> session) {
    return Integer.toString(greetings).getBytes(US_ASCII);
  }

  @Override
  public void resumed(Session<String> session, byte[] saved) {
    greetings = Integer.parseInt(new String(saved, US_ASCII));
  }
}
