package io.baton.systemtest;

import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.link.service.LinkService;
import io.baton.link.types.Types;
import io.baton.service.Module;

/** The next version of {@link LinkOldModule}, whose record {@code Said} has a field more. */
public final class LinkNewModule implements Module {
  static final Types<Words> TYPES = Types.of(Words.class);

  @Override
  public String name() {
    return "link-versions";
  }

  @Override
  public void start(Context context) {
    context.service(
        "versions", LinkInput.class, LinkOutput.class, LinkService.of(TYPES, TYPES, Hearing::new));
  }

  /** What both sides say. */
  public sealed interface Words {}

  /** A text, and how it is meant: 0 is not known. */
  public record Said(String text, int mood) implements Words {}

  /** Says what it has heard, and numbers it. */
  public static final class Hearing implements LinkHandler<Words, Words> {
    private byte count;

    @Override
    public void received(LinkSession<Words, Words> session, Words message) {
      if (message instanceof Said(String text, int mood)) {
        session.send(new Said("new " + ++count + " " + text + mood, mood + 1));
      }
    }

    @Override
    public byte[] save(LinkSession<Words, Words> session) {
      return new byte[] {count};
    }

    @Override
    public void resumed(LinkSession<Words, Words> session, byte[] saved) {
      count = saved[0];
    }
  }
}
