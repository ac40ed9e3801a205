package io.baton.link.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.TypedMessages;
import io.baton.link.types.Types;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** What tests of the client against a server in memory share; time passes when they say so. */
abstract class MemoryServerTest {
  static final Types<Note> TYPES = Types.of(Note.class);

  final MemoryServer server = new MemoryServer();
  ManualClock clock = new ManualClock();
  final ClientSettings settings = new ClientSettings();
  private SessionContext context = new SessionContext(settings, clock);
  private @Nullable LinkSession<Note, Note> session;

  LinkSession<Note, Note> open(LinkHandler<Note, Note> handler) throws LinkException {
    return openAt(server, handler);
  }

  LinkSession<Note, Note> openAt(MemoryServer server, LinkHandler<Note, Note> handler)
      throws LinkException {
    clock = new ManualClock();
    context = new SessionContext(settings, clock);
    LinkAddress address = LinkAddress.parse("unix:///s?service=memory");
    TypedMessages<Note, Note> types = new TypedMessages<>(TYPES, TYPES);
    LinkSession<Note, Note> opened = LinkClient.open(address, server, context, types, handler);
    session = opened;
    return opened;
  }

  @AfterEach
  void endTheSession() {
    LinkSession<Note, Note> opened = session;
    if (opened != null) {
      opened.close(18, "the test is over");
      server.refuse(false);
      server.forget();
      await(() -> {
        advance(Duration.ofSeconds(1));
        return context.callbacks.size() == 0;
      });
    }
  }

  /** Lets time pass for the client. */
  void advance(Duration time) {
    clock.advance(time, context.lock);
  }

  /** Waits until it holds. */
  static void await(BooleanSupplier state) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!state.getAsBoolean()) {
      assertThat(System.nanoTime() - end).describedAs("waited for 30 s").isNegative();
      Thread.onSpinWait();
    }
  }
}
