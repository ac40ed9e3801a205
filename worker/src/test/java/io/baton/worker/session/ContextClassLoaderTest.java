package io.baton.worker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Protocol;
import io.baton.service.CloseReason;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.line.LineCodec;
import io.baton.worker.lane.Lane;
import io.baton.worker.module.OfModule;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** In all that a service does, the thread's context class loader is its module's. */
@ExtendWith(NoLeaks.class)
final class ContextClassLoaderTest {
  private static final ClassLoader MODULES =
      new URLClassLoader("shop.jar", new URL[0], ContextClassLoaderTest.class.getClassLoader());

  private final ClassLoader before = Thread.currentThread().getContextClassLoader();
  private final List<String> seen = new ArrayList<>();

  @AfterEach
  void leave() {
    Thread.currentThread().setContextClassLoader(before);
  }

  /** Notes where each of its callbacks looks for drivers and providers. */
  private final class Noting implements Service<String, String> {
    Noting() {
      see("made");
    }

    private void note(String what) {
      see(what);
      Thread.currentThread().setContextClassLoader(before); // as another module's service would
    }

    private void see(String what) {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      seen.add(what + " " + (loader == null ? null : loader.getName()));
    }

    @Override
    public boolean opened(Session<String> session) {
      note("opened");
      var _ = session.after(Duration.ofSeconds(1), () -> note("timer"));
      return true;
    }

    @Override
    public void received(Session<String> session, String message) {
      note("received");
    }

    @Override
    public void writable(Session<String> session) {
      note("writable");
    }

    @Override
    public byte[] save(Session<String> session) {
      note("save");
      return new byte[0];
    }

    @Override
    public void resumed(Session<String> session, byte[] saved) {
      note("resumed");
    }

    @Override
    public void closed(Session<String> session, CloseReason why) {
      note("closed");
    }
  }

  private void play(@Nullable Lane lane) {
    Protocol<String, String> protocol =
        new Protocol<>("", new LineCodec(100), OfModule.of(Noting::new, "noting", MODULES));
    Route<String, String> route = new Route<>("test", protocol, List.of(), TestRoutes.OPTIONS);
    try (SessionHarness<String, String> harness = new SessionHarness<>(route, lane)) {
      harness.open();
      harness.client("hello\n");
      harness.settle();
      harness.pass(Duration.ofSeconds(1));
      harness.settle();
      harness.writable(false);
      harness.writable(true);
      harness.settle();
      assertThat(harness.move()).isTrue();
      harness.drop();
      harness.settle();
    }
    assertThat(seen)
        .containsExactlyElementsOf(
            Stream.of(
                    "made",
                    "opened",
                    "received",
                    "timer",
                    "writable",
                    "save",
                    "closed",
                    "made",
                    "resumed",
                    "closed")
                .map(what -> what + " shop.jar")
                .toList());
  }

  @Test
  void onTheEventLoop() {
    play(null);
  }

  @Test
  void inALaneOfItsOwn() {
    play(new StepLane());
  }
}
