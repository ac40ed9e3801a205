package io.baton.systemtest.vsock;

import io.baton.link.Incoming;
import io.baton.link.LinkClock;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.link.service.LinkService;
import io.baton.link.types.Types;
import io.baton.service.Module;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/** Registers {@code lab}: answers, sends a stream, and tells the sum of one that it receives. */
public final class LabLinkModule implements Module {
  static final Types<LabWords> TYPES = Types.of(LabWords.class);
  static final int LENGTH = 4 << 20;

  /** Bytes for a stream of {@link #LENGTH}. */
  static InputStream bytes() {
    byte[] bytes = new byte[LENGTH];
    new SplittableRandom(LENGTH).nextBytes(bytes);
    return new ByteArrayInputStream(bytes);
  }

  /** Reads all and returns its SHA-256. */
  static String sum(InputStream in) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] some = new byte[1 << 14];
      for (int n = in.read(some); n >= 0; n = in.read(some)) {
        digest.update(some, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String name() {
    return "lab-link";
  }

  @Override
  public void start(Context context) {
    context.service(
        "lab", LinkInput.class, LinkOutput.class, LinkService.of(TYPES, TYPES, Handler::new));
  }

  private static final class Handler implements LinkHandler<LabWords, LabWords> {
    private int answers;

    @Override
    public void received(LinkSession<LabWords, LabWords> session, LabWords message) {
      String about = message instanceof LabWords.Asked(String text) ? text : "";
      switch (about) {
        case "clock" -> answer(session, clock(session.clock()));
        case "stream" -> session.stream("down", bytes(), OptionalLong.of(LENGTH));
        default -> answer(session, about);
      }
    }

    private synchronized void answer(LinkSession<LabWords, LabWords> session, String text) {
      session.send(new LabWords.Answered(++answers, ProcessHandle.current().pid(), text));
    }

    private static String clock(LinkClock clock) {
      OptionalLong bound = clock.bound(); // first: that of a later offset is not greater
      OptionalLong offset = clock.offset();
      return bound.isPresent() && offset.isPresent()
          ? offset.getAsLong() + " " + bound.getAsLong()
          : "";
    }

    @Override
    public void streamed(LinkSession<LabWords, LabWords> session, Incoming stream) {
      InputStream in = stream.input();
      Thread.ofVirtual().start(() -> answer(session, received(in)));
    }

    private static String received(InputStream in) {
      try (in) {
        return sum(in);
      } catch (IOException e) {
        return e.toString();
      }
    }

    @Override
    public synchronized byte[] save(LinkSession<LabWords, LabWords> session) {
      return ByteBuffer.allocate(Integer.BYTES).putInt(answers).array();
    }

    @Override
    public synchronized void resumed(LinkSession<LabWords, LabWords> session, byte[] saved) {
      answers = ByteBuffer.wrap(saved).getInt();
    }
  }
}
