package io.baton.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.Answer;
import io.baton.link.Incoming;
import io.baton.link.Link;
import io.baton.link.LinkException;
import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.Outgoing;
import io.baton.link.core.LinkCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Questions, channels and streams between real clients and a service in real workers. */
@Timeout(60)
class LinkFeaturesIT {
  private static final int BYTES = 3_000_000;

  @TempDir private static Path dir;
  private static int port;

  @RegisterExtension
  static final Servers SERVERS =
      Servers.shared(server -> {
        ModuleJar.install(server, LinkAssistantModule.class, Map.of(), LinkWords.class);
        port = LinkTalk.listen(server, "link", "service = assistant");
      });

  /** Writes down what it is told; answers and receives streams. */
  private static final class Client implements LinkHandler<LinkWords, LinkWords> {
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final BlockingQueue<Incoming> streams = new LinkedBlockingQueue<>();

    @Override
    public void received(LinkSession<LinkWords, LinkWords> session, LinkWords message) {
      told.add(((LinkWords.Answer) message).text());
    }

    @Override
    public void received(
        LinkSession<LinkWords, LinkWords> session, String channel, LinkWords message) {
      told.add(channel + ": " + ((LinkWords.Question) message).about());
    }

    @Override
    public void asked(
        LinkSession<LinkWords, LinkWords> session, LinkWords question, Answer<LinkWords> answer) {
      answer.reply(new LinkWords.Answer("a client"));
    }

    @Override
    public void streamed(LinkSession<LinkWords, LinkWords> session, Incoming stream) {
      streams.add(stream);
    }
  }

  private final Client client = new Client();

  private LinkSession<LinkWords, LinkWords> open() throws LinkException {
    String where = "tcp://127.0.0.1:" + port + "/assistant";
    return Link.open(where, LinkAssistantModule.TYPES, LinkAssistantModule.TYPES, client);
  }

  private static int code(CompletableFuture<?> failed) throws Exception {
    try {
      throw new AssertionError("ended with " + failed.get(30, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(LinkException.class);
      return e.getCause() instanceof LinkException its ? its.code() : -1;
    }
  }

  @Test
  void eachSideAsksTheOther() throws Exception {
    var _ = SERVERS.running();
    try (var session = open()) {
      assertThat(session.ask(new LinkWords.Question("life")).get())
          .isEqualTo(new LinkWords.Answer("answer to life"));
      assertThat(code(session.ask(new LinkWords.Question("no")))).isEqualTo(300);
      session.send(new LinkWords.Question("ask"));
      assertThat(client.told.take()).isEqualTo("a client");
    }
  }

  @Test
  void aChannelGoesOnBehindAReload() throws Exception {
    TestServer server = SERVERS.running();
    try (var session = open()) {
      session.channel("side").send(new LinkWords.Question("one"));
      assertThat(client.told.take()).isEqualTo("side: one");
      assertThat(Moved.by(server, "reload").closed()).isZero();
      session.channel("side").send(new LinkWords.Question("two"));
      assertThat(client.told.take()).isEqualTo("side: two");
    }
  }

  @Test
  void aFileGoesEachWayThroughAReload() throws Exception {
    TestServer server = SERVERS.running();
    byte[] bytes = new byte[BYTES];
    new Random(BYTES).nextBytes(bytes);
    Path from = Files.write(dir.resolve("from"), bytes);
    Path there = dir.resolve("there");
    Path back = dir.resolve("back");
    try (var session = open()) {
      Outgoing up = session.stream(there.toString(), from);
      assertThat(Moved.by(server, "reload").closed()).isZero();
      up.done().get();
      assertThat(client.told.take()).isEqualTo(BYTES + " bytes, code 0");
      assertThat(there).hasSameBinaryContentAs(from);

      session.send(new LinkWords.Question("send " + there));
      CompletableFuture<Long> down = client.streams.take().to(back);
      assertThat(Moved.by(server, "reload").closed()).isZero();
      assertThat(down.get()).isEqualTo(BYTES);
      assertThat(client.told.take()).isEqualTo(BYTES + " bytes, code 0");
      assertThat(back).hasSameBinaryContentAs(from);
    }
    assertThat(server.status().total("errors")).isZero();
  }

  @Test
  void aRefusedStreamEndsWithItsCodeOnBothSides() throws Exception {
    var _ = SERVERS.running();
    Path some = Files.writeString(dir.resolve("some"), "some");
    try (var session = open()) {
      int denied = LinkCode.DENIED_BY_SERVICE.number();
      assertThat(code(session.stream("refused", some).done())).isEqualTo(denied);
      session.send(new LinkWords.Question("send " + some));
      client.streams.take().refuse();
      assertThat(client.told.take()).endsWith("code " + denied);
    }
  }
}
