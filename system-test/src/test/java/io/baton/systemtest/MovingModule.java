package io.baton.systemtest;

import io.baton.service.Module;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/**
 * A user's module for all that sessions go through when they move. Its services, for the raw codec:
 *
 * <ul>
 *   <li>{@code answer} answers with what is in its jar as {@value #ANSWER} at that moment;
 *   <li>{@code burden} counts, and has much to save;
 *   <li>{@code picky} echoes, and does not go on with a session where its block says {@code refuse
 *       = true};
 *   <li>{@code heavy} echoes, with much work.
 * </ul>
 *
 * With {@code start = throws} or {@code hangs} in its block it does not come up.
 */
public final class MovingModule implements Module {
  static final String ANSWER = "answer.txt";

  private static final long TOIL_NS = 10_000_000;

  @Override
  public String name() {
    return "moving";
  }

  @Override
  public void start(Context context) {
    switch (String.valueOf(context.config().get("start"))) {
      case "throws" -> throw new IllegalStateException("the database is on fire");
      case "hangs" -> hang();
      default -> {}
    }
    boolean refuse = Boolean.TRUE.equals(context.config().get("refuse"));
    context.service("answer", ByteBuf.class, ByteBuf.class, () -> MovingModule::answer);
    context.service("burden", ByteBuf.class, ByteBuf.class, Burden::new);
    context.service("picky", ByteBuf.class, ByteBuf.class, () -> new Picky(refuse));
    context.service("heavy", ByteBuf.class, ByteBuf.class, () -> MovingModule::toil);
  }

  private static void hang() {
    while (true) {
      LockSupport.park();
    }
  }

  private static void answer(Session<ByteBuf> session, ByteBuf message) {
    try (InputStream in = MovingModule.class.getClassLoader().getResourceAsStream(ANSWER)) {
      session.send(Unpooled.wrappedBuffer(Objects.requireNonNull(in).readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void toil(Session<ByteBuf> session, ByteBuf message) {
    long until = System.nanoTime() + TOIL_NS;
    while (System.nanoTime() < until) {
      Thread.onSpinWait();
    }
    session.send(message.retain());
  }

  /** Answers each message with its number, in {@value #DIGITS} digits. */
  public static final class Burden implements Service<ByteBuf, ByteBuf> {
    static final int DIGITS = 6;
    private static final int BYTES = 10 * 1024 * 1024;

    private int count;

    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      String number = "%0" + DIGITS + "d";
      session.send(Unpooled.copiedBuffer(number.formatted(++count), StandardCharsets.US_ASCII));
    }

    /** The count and, for each further number, one that follows from it. */
    @Override
    public byte[] save(Session<ByteBuf> session) {
      ByteBuffer all = ByteBuffer.allocate(BYTES);
      for (int i = 0; all.hasRemaining(); i++) {
        all.putInt(count + i);
      }
      return all.array();
    }

    @Override
    public void resumed(Session<ByteBuf> session, byte[] saved) {
      ByteBuffer all = ByteBuffer.wrap(saved);
      count = all.getInt();
      for (int i = 1; all.hasRemaining(); i++) {
        if (all.getInt() != count + i) {
          throw new IllegalStateException("number " + i + " is another");
        }
      }
      if (saved.length != BYTES) {
        throw new IllegalStateException(saved.length + " bytes");
      }
    }
  }

  /** Speaks for code that cannot read what the code before it saved. */
  public static final class Picky implements Service<ByteBuf, ByteBuf> {
    private final boolean refuse;

    Picky(boolean refuse) {
      this.refuse = refuse;
    }

    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      session.send(message.retain());
    }

    @Override
    public void resumed(Session<ByteBuf> session, byte[] saved) {
      if (refuse) {
        throw new IllegalStateException("saved by a version that nobody knows");
      }
    }
  }
}
