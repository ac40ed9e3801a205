package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.testing.Nightly;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A service's callback that does not return holds up its own session, and no other. */
class LinkLanesIT {
  private static final int OTHERS = Nightly.of(999, 199);
  private static final int MESSAGES = 3;

  private static int virtual;
  private static int ring;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        ModuleJar.install(server, LinkModule.class, Map.of(), LinkWords.class);
        virtual = LinkTalk.listen(server, "virtual", "service = questions, lane = virtual");
        ring = LinkTalk.listen(server, "ring", "service = questions, lane = ring");
        server.configure("workers", 1).configure("fleet.callback-warning", "off");
      });

  private static List<LinkTalk> talks(int port) throws Exception {
    List<LinkTalk> all = new ArrayList<>();
    for (int i = 0; i < OTHERS; i++) {
      all.add(new LinkTalk("tcp://127.0.0.1:" + port + "/questions"));
    }
    return all;
  }

  private static void assertExchange(List<LinkTalk> all) throws Exception {
    for (int i = 0; i < MESSAGES; i++) {
      for (LinkTalk each : all) {
        each.says("count");
      }
      for (LinkTalk each : all) {
        assertThat(each.next()).matches("\\d+");
      }
    }
  }

  @Test
  void inTheVirtualLaneAllOtherSessionsExchangeTheirMessages() throws Exception {
    TestServer server = SERVERS.running();
    List<LinkTalk> others = talks(virtual);
    try (ServerSocket latch = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        LinkTalk held = new LinkTalk("tcp://127.0.0.1:" + virtual + "/questions")) {
      held.says("wait " + latch.getLocalPort());
      try (Socket waits = latch.accept()) {
        held.says("count");
        assertExchange(others);
        waits.getOutputStream().write(42);
        assertThat(held.next()).isEqualTo("waited for 42");
        assertThat(held.next()).isEqualTo("2");
      }
      for (LinkTalk each : others) {
        each.close();
      }
    }
    assertThat(server.status().total("errors")).isZero();
  }

  @Test
  void inTheRingLaneTheSessionsOfOtherThreadsExchangeTheirMessages() throws Exception {
    TestServer server = SERVERS.running();
    List<LinkTalk> all = talks(ring);
    try (ServerSocket latch = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        LinkTalk held = new LinkTalk("tcp://127.0.0.1:" + ring + "/questions")) {
      String thread = held.asks("thread");
      List<LinkTalk> others = new ArrayList<>();
      for (LinkTalk each : all) {
        if (!each.asks("thread").equals(thread)) {
          others.add(each);
        }
      }
      assertThat(others).hasSizeBetween(1, all.size() - 1);
      held.says("wait " + latch.getLocalPort());
      try (Socket waits = latch.accept()) {
        assertExchange(others);
        waits.getOutputStream().write(42);
        assertThat(held.next()).isEqualTo("waited for 42");
      }
      assertExchange(all);
      for (LinkTalk each : all) {
        each.close();
      }
    }
    assertThat(server.status().total("errors")).isZero();
  }
}
