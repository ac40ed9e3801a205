package io.baton.systemtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.link.service.LinkService;
import io.baton.service.Module;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * A service of Link, {@code asks}, that asks and answers, and notes in a file what becomes of each
 * question: the resource {@value #JOURNAL} of its jar names the file. What a worker has written is
 * there when it is killed.
 */
public final class LinkAsksModule implements Module {
  static final String JOURNAL = "journal";

  @Override
  public String name() {
    return "link-asks";
  }

  @Override
  public void start(Context context) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(LinkAsksModule.class.getResourceAsStream("/" + JOURNAL))) {
      Path journal = Path.of(new String(in.readAllBytes(), UTF_8));
      context.service(
          "asks",
          LinkInput.class,
          LinkOutput.class,
          LinkService.of(LinkModule.TYPES, LinkModule.TYPES, () -> new Asks(journal)));
    }
  }

  /** Has no state: a session that moves has no open questions of its client. */
  static class Asks extends LinkAskPeer {
    private final Path journal;

    Asks(Path journal) {
      this.journal = journal;
    }

    @Override
    void note(String line) {
      try {
        Files.writeString(journal, line + "\n", StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
