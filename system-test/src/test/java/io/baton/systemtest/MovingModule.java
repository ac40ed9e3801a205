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
import org.jspecify.annotations.Nullable;

/**
 * A user's module for all that sessions go through when they move. Its services, for the raw codec:
 *
 * <ul>
 *   <li>{@code answer} answers with what is in its jar as {@value #ANSWER} at that moment;
 *   <li>{@code burden} counts, and has much to save;
 *   <li>{@code picky} echoes, and does not go on with a session, or save it, where its block says
 *       so ({@code resumed}, {@code save}: {@link Mood});
 *   <li>{@code heavy} echoes, with much work.
 * </ul>
 *
 * With {@code start = throws} or {@code hangs} in its block it does not come up.
 */
public final class MovingModule implements Module {
  static final String ANSWER = "answer.txt";

  /** One session of so many is odd. */
  static final int SOME = 10;

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
    Mood resumed = Mood.of(context.config().get("resumed"));
    Mood save = Mood.of(context.config().get("save"));
    context.service("answer", ByteBuf.class, ByteBuf.class, () -> MovingModule::answer);
    context.service("burden", ByteBuf.class, ByteBuf.class, Burden::new);
    context.service("picky", ByteBuf.class, ByteBuf.class, () -> new Picky(save, resumed));
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

  /** How code is about sessions that come to it, or that it is to save. */
  enum Mood {
    GOOD,
    THROWS,
    HANGS,
    LACKS_A_CLASS,
    /** Of some sessions only. */
    THROWS_AT_SOME;

    static Mood of(@Nullable Object configured) {
      return configured == null ? GOOD : valueOf(configured.toString());
    }

    void about(int session) {
      // A switch would need a class of its own, which is not packed.
      if (this == THROWS) {
        throw new IllegalStateException("saved by a version that nobody knows");
      } else if (this == HANGS) {
        hang();
      } else if (this == LACKS_A_CLASS) {
        throw new AssertionError(NotInTheJar.use());
      } else if (this == THROWS_AT_SOME && session % SOME == 0) {
        throw new IllegalStateException("this one is odd");
      }
    }
  }

  /** Speaks for code that cannot read what the code before it saved, or cannot save. */
  public static final class Picky implements Service<ByteBuf, ByteBuf> {
    private final Mood save;
    private final Mood resumed;

    Picky(Mood save, Mood resumed) {
      this.save = save;
      this.resumed = resumed;
    }

    @Override
    public byte[] save(Session<ByteBuf> session) {
      save.about(session.id().hashCode());
      return new byte[0];
    }

    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      session.send(message.retain());
    }

    @Override
    public void resumed(Session<ByteBuf> session, byte[] saved) {
      this.resumed.about(session.id().hashCode());
    }
  }
}
