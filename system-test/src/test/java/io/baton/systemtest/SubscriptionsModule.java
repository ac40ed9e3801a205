package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.service.Module;
import io.baton.service.Publication;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.service.Subscriber;
import io.baton.service.Topics;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A user's module whose service {@code subscriptions}, for the line codec, does what its clients
 * say. Topics have numbers, and beside them there is one of all.
 *
 * <pre>
 *                            at first                         ->  its process, in eight digits
 *   subscribe FIRST COUNT    that many topics, and that of all   ->  subscribed
 *   unsubscribe FIRST COUNT  that many topics                    ->  unsubscribed
 *   publish TOPIC            a number, or "all"                  ->  published or refused
 *   count                                                        ->  what has come in all
 *                            for each that comes                 ->  got TOPIC
 *                            for each loss                       ->  missed COUNT
 * </pre>
 */
public final class SubscriptionsModule implements Module {
  static final String ALL = "all";

  @Override
  public String name() {
    return "subscriptions";
  }

  @Override
  public void start(Context context) {
    Topics topics = context.topics();
    context.service("subscriptions", String.class, String.class, () -> new Subscriptions(topics));
  }

  private static final class Subscriptions implements Service<String, String>, Subscriber<String> {
    private final Topics topics;
    private int got;

    private Subscriptions(Topics topics) {
      this.topics = topics;
    }

    @Override
    public boolean opened(Session<String> session) {
      session.send("%08d".formatted(ProcessHandle.current().pid()));
      return true;
    }

    @Override
    public void received(Session<String> session, String message) {
      String[] words = message.split(" ", -1);
      switch (words[0]) {
        case "subscribe" -> {
          topics(words).forEach(session::subscribe);
          session.subscribe(ALL);
          session.send("subscribed");
        }
        case "unsubscribe" -> {
          topics(words).forEach(session::unsubscribe);
          session.send("unsubscribed");
        }
        case "publish" ->
            session.send(
                topics.publish(words[1], words[1].getBytes(UTF_8)) ? "published" : "refused");
        default -> session.send(Integer.toString(got));
      }
    }

    private static Stream<String> topics(String[] words) {
      int first = Integer.parseInt(words[1]);
      return IntStream.range(first, first + Integer.parseInt(words[2])).mapToObj(Integer::toString);
    }

    @Override
    public void published(Session<String> session, Publication publication) {
      got++;
      session.send("got " + publication.topic());
    }

    @Override
    public void missed(Session<String> session, String topic, long count) {
      session.send("missed " + count);
    }
  }
}
