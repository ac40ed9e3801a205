package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.service.AskException;
import io.baton.service.Authentication;
import io.baton.service.AuthenticationRequest;
import io.baton.service.Hold;
import io.baton.service.Module;
import io.baton.service.Presence;
import io.baton.service.Principal;
import io.baton.service.Publication;
import io.baton.service.Service;
import io.baton.service.Services;
import io.baton.service.Session;
import io.baton.service.SessionId;
import io.baton.service.Subscriber;
import io.baton.service.Topics;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A user's module whose service {@code people}, for the websocket codec, knows its clients by what
 * they say they are, {@code ?NAME}. A client says {@code id}, {@code who}, {@code to ID TEXT},
 * {@code user NAME TEXT}, {@code ask KEY} or {@code any}, and is answered by a text that begins
 * with the same. The holder of a key is a machine and a slot.
 */
public final class PeopleModule implements Module {
  private static final String TOPIC = "people";
  private static final String PLACE =
      System.getProperty("baton.machine") + "/" + System.getProperty("baton.process");

  @Override
  public String name() {
    return "people";
  }

  @Override
  public void start(Context context) {
    Topics topics = context.topics();
    Services services = context.services();
    services.offer("where", _ -> PLACE.getBytes(UTF_8));
    context.authenticator("name", PeopleModule::authenticate);
    context.service(
        "people", WebSocketFrame.class, WebSocketFrame.class, () -> new People(topics, services));
  }

  private static Authentication authenticate(AuthenticationRequest request) {
    return request instanceof AuthenticationRequest.Http http
        ? new Authentication.Accepted(new Principal(query(http.head().target()), Map.of()))
        : new Authentication.Forbidden();
  }

  private static String query(String target) {
    return target.substring(target.indexOf('?') + 1);
  }

  private record People(Topics topics, Services services)
      implements Service<WebSocketFrame, WebSocketFrame>, Subscriber<WebSocketFrame> {

    @Override
    public boolean opened(Session<WebSocketFrame> session) {
      session.addressable();
      session.subscribe(TOPIC);
      return true;
    }

    @Override
    public void received(Session<WebSocketFrame> session, WebSocketFrame message) {
      if (message instanceof TextWebSocketFrame frame) {
        String[] words = frame.text().split(" ", 3);
        switch (words[0]) {
          case "id" -> say(session, "id " + session.id());
          case "who" -> topics.present(TOPIC).thenAccept(all -> say(session, text(all)));
          case "to" -> {
            SessionId to = new SessionId(Long.parseLong(words[1], 36));
            topics
                .send(to, words[2].getBytes(UTF_8))
                .thenAccept(sent -> say(session, "to " + sent));
          }
          case "user" ->
              topics
                  .send(new Principal(words[1], Map.of()), words[2].getBytes(UTF_8))
                  .thenAccept(sent -> say(session, "user " + sent));
          case "ask" -> ask(session, words[1]);
          default -> ask(session, null);
        }
      }
    }

    /** The session does not move before it has its answer. */
    private void ask(Session<WebSocketFrame> session, @Nullable String key) {
      Hold hold = session.hold();
      services
          .ask("where", key, new byte[0], Duration.ofSeconds(20))
          .whenComplete((answer, failure) -> {
            say(
                session,
                (key == null ? "any " : "ask ")
                    + (failure == null
                        ? new String(answer, UTF_8)
                        : ((AskException) failure).reason()));
            hold.release();
          });
    }

    private static String text(Presence all) {
      List<String> names =
          all.members().stream().map(each -> each.principal().orElse("?")).sorted().toList();
      return "who " + String.join(",", names) + (all.silent() > 0 ? " and others" : "");
    }

    private static void say(Session<WebSocketFrame> session, String text) {
      session.send(new TextWebSocketFrame(text));
    }

    @Override
    public void published(Session<WebSocketFrame> session, Publication publication) {
      // Nobody publishes.
    }

    @Override
    public void sent(Session<WebSocketFrame> session, byte[] message) {
      say(session, "got " + new String(message, UTF_8));
    }

    @Override
    public void missed(Session<WebSocketFrame> session, String topic, long count) {
      // What a test sends while there is a broker arrives.
    }

    @Override
    public byte[] save(Session<WebSocketFrame> session) {
      return new byte[0];
    }

    @Override
    public void resumed(Session<WebSocketFrame> session, byte[] saved) {
      // There is nothing to go on with.
    }
  }
}
