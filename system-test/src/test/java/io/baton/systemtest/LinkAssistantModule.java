package io.baton.systemtest;

import io.baton.link.Answer;
import io.baton.link.Incoming;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.Transfer;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.link.service.LinkService;
import io.baton.link.types.Types;
import io.baton.service.Module;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * Service {@code assistant} uses everything of Link beside messages. It answers questions, but
 * refuses {@code no}; what comes on a channel goes back on one of the same name; {@code ask} has it
 * ask the client and say the answer; {@code send PATH} has it send a file; a stream is written into
 * the file that is its name, but {@code refused} is refused. It says how each transfer has ended.
 */
public final class LinkAssistantModule implements Module {
  static final Types<LinkWords> TYPES = Types.of(LinkWords.class);

  @Override
  public String name() {
    return "link-assistant";
  }

  @Override
  public void start(Context context) {
    context.service(
        "assistant",
        LinkInput.class,
        LinkOutput.class,
        LinkService.of(TYPES, TYPES, Assistant::new));
  }

  /** The handler of one session. */
  public static final class Assistant implements LinkHandler<LinkWords, LinkWords> {

    @Override
    public void received(LinkSession<LinkWords, LinkWords> session, LinkWords message) {
      String[] words = text(message).split(" ", 2);
      switch (words[0]) {
        case "ask" -> ask(session);
        case "send" -> send(session, Path.of(words[1]));
        default -> throw new IllegalStateException("told " + message);
      }
    }

    private static void ask(LinkSession<LinkWords, LinkWords> session) {
      var _ =
          session
              .ask(new LinkWords.Question("who"))
              .whenComplete((answer, failure) ->
                  say(session, failure == null ? text(answer) : failure.toString()));
    }

    private static void send(LinkSession<LinkWords, LinkWords> session, Path file) {
      try {
        var _ = session.stream("file", file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void received(
        LinkSession<LinkWords, LinkWords> session, String channel, LinkWords message) {
      session.channel(channel).send(message);
    }

    @Override
    public void asked(
        LinkSession<LinkWords, LinkWords> session, LinkWords question, Answer<LinkWords> answer) {
      if (text(question).equals("no")) {
        answer.fail(300, "as it was asked to");
      } else {
        answer.reply(new LinkWords.Answer("answer to " + text(question)));
      }
    }

    @Override
    public void streamed(LinkSession<LinkWords, LinkWords> session, Incoming stream) {
      if (stream.name().equals("refused")) {
        stream.refuse();
      } else {
        var _ = stream.to(Path.of(stream.name()));
      }
    }

    @Override
    public void transferred(LinkSession<LinkWords, LinkWords> session, Transfer transfer) {
      say(session, "%d bytes, code %d".formatted(transfer.bytes(), transfer.how().code()));
    }

    private static void say(LinkSession<LinkWords, LinkWords> session, String text) {
      session.send(new LinkWords.Answer(text));
    }

    private static String text(LinkWords words) {
      return switch (words) {
        case LinkWords.Question(String about) -> about;
        case LinkWords.Answer(String text) -> text;
        case LinkWords.Part part -> "part " + part.number();
      };
    }
  }
}
