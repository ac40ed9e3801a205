package io.baton.systemtest;

import io.baton.link.LinkSession;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.link.service.LinkService;
import io.baton.service.Module;
import java.nio.file.Path;

/** A service of Link, {@code streams}, that sends and receives byte streams as it is told. */
public final class LinkStreamsModule implements Module {

  @Override
  public String name() {
    return "link-streams";
  }

  @Override
  public void start(Context context) {
    context.service(
        "streams",
        LinkInput.class,
        LinkOutput.class,
        LinkService.of(LinkModule.TYPES, LinkModule.TYPES, Streams::new));
  }

  /**
   * Answers the parts of a series as {@link LinkModule.Numbers} does, and {@code pid ID} with the
   * worker's process. Does {@code file PATH NAME}, {@code bytes LENGTH SEED NAME}, {@code cancel
   * NAME} and {@code release}, and tells the client how each stream has ended.
   */
  public static final class Streams extends LinkStreamPeer {
    private final LinkModule.Numbers numbers = new LinkModule.Numbers();

    @Override
    void tell(LinkSession<LinkWords, LinkWords> session, String what, String how) {
      var _ = session.send(new LinkWords.Answer("service " + what + ": " + how));
    }

    @Override
    public void received(LinkSession<LinkWords, LinkWords> session, LinkWords message) {
      if (!(message instanceof LinkWords.Question(String about))) {
        numbers.received(session, message);
        return;
      }
      String[] words = about.split(" ", 2);
      switch (words[0]) {
        case "file" -> {
          String[] rest = words[1].split(" ", 2);
          sendFile(session, rest[1], Path.of(rest[0]));
        }
        case "bytes" -> {
          String[] rest = words[1].split(" ", 3);
          sendBytes(session, rest[2], Long.parseLong(rest[0]), Long.parseLong(rest[1]));
        }
        case "cancel" -> cancel(words[1]);
        case "release" -> release();
        case "pid" -> tell(session, about, String.valueOf(ProcessHandle.current().pid()));
        default -> throw new IllegalArgumentException(about);
      }
    }

    @Override
    public byte[] save(LinkSession<LinkWords, LinkWords> session) {
      return numbers.save(session);
    }

    @Override
    public void resumed(LinkSession<LinkWords, LinkWords> session, byte[] saved) {
      numbers.resumed(session, saved);
    }
  }
}
