package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.LinkClock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The clocks of a client and of a worker of one machine, which are one: wherever the session is,
 * each side's estimate of the other's allows for no difference.
 */
class LinkClockIT {
  private static int port;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        ModuleJar.install(server, LinkModule.class, Map.of(), LinkWords.class);
        port = LinkTalk.listen(server, "link", "service = questions");
      });

  /** Both sides have an estimate, and the truth is within its bound. */
  private static void assertNoDifference(LinkTalk talk, String when) throws Exception {
    LinkClock clock = talk.session().clock();
    Wait.until("the client has a sample " + when, () -> clock.offset().isPresent());
    long bound = clock.bound().orElseThrow();
    assertThat(clock.offset().orElseThrow()).as(when).isBetween(-bound, bound);
    long now = System.nanoTime();
    assertThat(clock.toPeer(now) - now).as(when).isBetween(-2 * bound, 2 * bound);
    String service =
        Wait.until("so has the service " + when, () -> talk.asks("clock"), s -> !s.isEmpty());
    String[] offsetAndBound = service.split(" ", 2);
    long its = Long.parseLong(offsetAndBound[1]);
    assertThat(Long.parseLong(offsetAndBound[0])).as(when).isBetween(-its, its);
  }

  @Test
  void bothSidesFindNoDifferenceBeforeAndAfterACutAndAReload() throws Exception {
    TestServer server = SERVERS.running();
    try (CuttingProxy proxy = new CuttingProxy(port);
        LinkTalk talk = new LinkTalk("tcp://127.0.0.1:" + proxy.port() + "/questions")) {
      assertNoDifference(talk, "at first");
      proxy.cut();
      talk.awaits("back");
      assertNoDifference(talk, "after a cut");
      assertThat(Moved.by(server, "reload").migrated()).isEqualTo(1);
      assertNoDifference(talk, "after a reload");
      proxy.cut();
      talk.awaits("back");
      assertNoDifference(talk, "after both");
    }
    assertThat(server.awaitQuiet().total("errors")).isZero();
  }
}
