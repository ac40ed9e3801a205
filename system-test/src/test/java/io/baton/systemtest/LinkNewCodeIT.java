package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.Link;
import io.baton.link.LinkSession;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** New code with another record comes with a reload; clients of both versions go on. */
class LinkNewCodeIT {
  @RegisterExtension final Servers servers = Servers.perTest();

  private static Path install(TestServer server) throws Exception {
    return ModuleJar.install(server, LinkOldModule.class, Map.of());
  }

  @Test
  void clientsOfBothVersionsGoOnWhenTheServicesRecordHasGotAField() throws Exception {
    TestServer server = servers.create();
    int port = LinkTalk.listen(server, "link", "service = versions");
    Path jar = install(server);
    server.start();
    String where = "tcp://127.0.0.1:" + port + "/versions";
    BlockingQueue<LinkOldModule.Words> olds = new LinkedBlockingQueue<>();
    BlockingQueue<LinkNewModule.Words> news = new LinkedBlockingQueue<>();
    try (LinkSession<LinkOldModule.Words, LinkOldModule.Words> old =
            Link.open(where, LinkOldModule.Words.class, olds::add);
        LinkSession<LinkNewModule.Words, LinkNewModule.Words> young =
            Link.open(where, LinkNewModule.Words.class, news::add)) {
      old.send(new LinkOldModule.Said("a"));
      young.send(new LinkNewModule.Said("b", 7));
      assertThat(olds.take()).isEqualTo(new LinkOldModule.Said("old 1 a"));
      assertThat(news.take()).isEqualTo(new LinkNewModule.Said("old 1 b", 0));

      ModuleJar.write(jar, LinkNewModule.class, Map.of());
      Moved moved = Moved.by(server, "reload");
      assertThat(moved.migrated()).isEqualTo(2);
      assertThat(moved.closed()).isZero();

      old.send(new LinkOldModule.Said("c"));
      young.send(new LinkNewModule.Said("d", 7));
      assertThat(olds.take()).isEqualTo(new LinkOldModule.Said("new 2 c0"));
      assertThat(news.take()).isEqualTo(new LinkNewModule.Said("new 2 d7", 8));
    }
    server.awaitQuiet();
    assertThat(server.status().total("errors")).isZero();
  }
}
