package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.link.LinkClock;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.link.service.LinkService;
import io.baton.link.types.Types;
import io.baton.service.Authentication;
import io.baton.service.AuthenticationRequest;
import io.baton.service.Module;
import io.baton.service.Principal;
import io.baton.service.Service;
import io.baton.service.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Services of Link: {@code numbers} exchanges numbered messages, {@code questions} answers about
 * its session, {@code denying} opens none, {@code principal} says who the client is.
 */
public final class LinkModule implements Module {
  static final Types<LinkWords> TYPES = Types.of(LinkWords.class);

  /** The code with which a service closes a session in which a message is missing or damaged. */
  static final int FLAW = 300;

  @Override
  public String name() {
    return "link-words";
  }

  @Override
  public void start(Context context) {
    add(context, "numbers", LinkService.of(TYPES, TYPES, Numbers::new));
    add(context, "questions", LinkService.of(TYPES, TYPES, Questions::new));
    add(context, "denying", LinkService.of(TYPES, TYPES, Denying::new));
    add(context, "principal", LinkService.plain(TYPES, TYPES, () -> LinkModule::principal));
    context.authenticator("names", LinkModule::decide);
  }

  private static void add(
      Context context, String name, Supplier<Service<LinkInput, LinkOutput>> factory) {
    context.service(name, LinkInput.class, LinkOutput.class, factory);
  }

  /** A credential is a name; {@code mallory} may nothing, {@code busy} is to come later. */
  private static Authentication decide(AuthenticationRequest request) {
    if (!(request instanceof AuthenticationRequest.Credential credential)) {
      return new Authentication.Forbidden();
    }
    String name = UTF_8.decode(credential.bytes().duplicate()).toString();
    return switch (name) {
      case "" -> new Authentication.Unauthenticated("a name");
      case "mallory" -> new Authentication.Forbidden();
      case "busy" -> new Authentication.Unavailable(Duration.ofSeconds(1));
      default ->
          new Authentication.Accepted(new Principal(name, Map.of("asked", credential.service())));
    };
  }

  private static void principal(Session<LinkWords> session, LinkWords message) {
    Principal principal = session.principal().orElseThrow();
    session.send(
        new LinkWords.Answer(principal.name() + " for " + principal.attributes().get("asked")));
  }

  /** Answers each message of a series with the next one of its own. */
  public static final class Numbers implements LinkHandler<LinkWords, LinkWords> {
    private long received;
    private long sent;

    @Override
    public void received(LinkSession<LinkWords, LinkWords> session, LinkWords message) {
      if (!(message instanceof LinkWords.Part part)) {
        session.close(FLAW, "no part of a series");
        return;
      }
      String flaw = part.flaw(++received);
      if (flaw.isEmpty()) {
        session.send(LinkWords.Part.of(++sent, part.answer(), 0));
      } else {
        session.close(FLAW, flaw);
      }
    }

    @Override
    public void undecodable(LinkSession<LinkWords, LinkWords> session, String type) {
      session.close(FLAW, "undecodable: " + type);
    }

    @Override
    public byte[] save(LinkSession<LinkWords, LinkWords> session) {
      return ByteBuffer.allocate(2 * Long.BYTES).putLong(received).putLong(sent).array();
    }

    @Override
    public void resumed(LinkSession<LinkWords, LinkWords> session, byte[] saved) {
      ByteBuffer from = ByteBuffer.wrap(saved);
      received = from.getLong();
      sent = from.getLong();
    }
  }

  /**
   * Answers {@code count} with the number of questions so far, {@code pid} with the worker's,
   * {@code thread} with the name of the thread, {@code peer} with the client's address, {@code
   * clock} with offset and bound of its clock, if they are known. {@code close 300 text} closes the
   * session so; {@code throw} throws; {@code wait 7007} waits for a byte of the server at this
   * port, before it answers.
   */
  public static final class Questions implements LinkHandler<LinkWords, LinkWords> {
    private int count;

    @Override
    public void received(LinkSession<LinkWords, LinkWords> session, LinkWords message) {
      count++;
      if (message instanceof LinkWords.Question(String about)) {
        String[] words = about.split(" ", 3);
        switch (words[0]) {
          case "count" -> answer(session, String.valueOf(count));
          case "pid" -> answer(session, String.valueOf(ProcessHandle.current().pid()));
          case "thread" -> answer(session, Thread.currentThread().getName());
          case "peer" -> answer(session, session.peer().toString());
          case "clock" -> answer(session, clock(session.clock()));
          case "wait" -> answer(session, waitFor(Integer.parseInt(words[1])));
          case "close" -> session.close(Integer.parseInt(words[1]), words[2]);
          default -> throw new IllegalStateException("asked to throw");
        }
      }
    }

    private static void answer(LinkSession<LinkWords, LinkWords> session, String text) {
      session.send(new LinkWords.Answer(text));
    }

    private static String clock(LinkClock its) {
      OptionalLong bound = its.bound(); // first: that of a later offset is not greater
      OptionalLong offset = its.offset();
      return bound.isPresent() && offset.isPresent()
          ? offset.getAsLong() + " " + bound.getAsLong()
          : "";
    }

    private static String waitFor(int port) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return "waited for " + socket.getInputStream().read();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public byte[] save(LinkSession<LinkWords, LinkWords> session) {
      return ByteBuffer.allocate(Integer.BYTES).putInt(count).array();
    }

    @Override
    public void resumed(LinkSession<LinkWords, LinkWords> session, byte[] saved) {
      count = ByteBuffer.wrap(saved).getInt();
    }
  }

  /** Opens no session. */
  public static final class Denying implements LinkHandler<LinkWords, LinkWords> {
    @Override
    public boolean opened(LinkSession<LinkWords, LinkWords> session) {
      return false;
    }

    @Override
    public void received(LinkSession<LinkWords, LinkWords> session, LinkWords message) {
      throw new IllegalStateException("there is no session");
    }
  }
}
