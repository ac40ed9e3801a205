package io.baton.link.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.link.Incoming;
import io.baton.link.LinkException;
import io.baton.link.LinkSession;
import io.baton.link.Outgoing;
import io.baton.link.Transfer;
import io.baton.link.core.LinkCode;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Byte streams of a client's session in both directions. */
class StreamTest extends MemoryServerTest {
  @TempDir private Path directory;

  private final LinkedBlockingQueue<Incoming> streams = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<Transfer> transfers = new LinkedBlockingQueue<>();
  private final CountDownLatch release = new CountDownLatch(1);
  private final RecordingHandler handler =
      new RecordingHandler() {
        @Override
        public void received(LinkSession<Note, Note> session, Note message) {
          super.received(session, message);
          try {
            assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        }

        @Override
        public void streamed(LinkSession<Note, Note> session, Incoming stream) {
          streams.add(stream);
        }

        @Override
        public void transferred(LinkSession<Note, Note> session, Transfer transfer) {
          transfers.add(transfer);
        }
      };

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  @Test
  void aFileIsSentOverConnectionsThatAreLost() throws Exception {
    byte[] bytes = random(3_000_000);
    Path file = Files.write(directory.resolve("sent"), bytes);
    LinkSession<Note, Note> session = open(handler);
    Outgoing stream = session.stream("sent", file);
    assertThat(server.next()).isEqualTo("opened sent 3000000");
    server.cut();
    assertThat(session.send(Note.of(1))).isTrue();
    stream.done().get(60, TimeUnit.SECONDS);
    assertThat(server.streamed.toByteArray()).isEqualTo(bytes);
    assertThat(stream.sent()).isEqualTo(3_000_000);
    assertThat(transfers.take().isComplete()).isTrue();
  }

  @Test
  void whatIsWrittenAndWhatIsReadFromAnInputIsSent() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    byte[] bytes = random(700_000);
    session.stream("in", new ByteArrayInputStream(bytes), OptionalLong.of(bytes.length))
        .done()
        .get(60, TimeUnit.SECONDS);
    try (OutputStream out = session.stream("out")) {
      out.write("and more".getBytes(UTF_8));
    }
    await(() -> server.streamed.size() == bytes.length + 8);
    assertThat(server.streamed.toByteArray())
        .startsWith(bytes)
        .endsWith("and more".getBytes(UTF_8));
  }

  @Test
  void aHandlerThatIsBusyHoldsUpNoStream() throws Exception {
    open(handler);
    byte[] bytes = random(700_000);
    int[] channel = new int[1];
    server.run(core -> channel[0] = core.streams().open("file", bytes.length));
    Path target = directory.resolve("received");
    CompletableFuture<Long> received = streams.take().to(target);
    server.run(core -> core.send(0, server.bytes(1)));
    assertThat(handler.awaitNumbers(1)).containsExactly(1);
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    await(() -> {
      server.run(core -> core.streams().write(channel[0], rest));
      return !rest.hasRemaining();
    });
    server.run(core -> core.streams().end(channel[0], LinkCode.DONE.number()));
    assertThat(received.get(60, TimeUnit.SECONDS)).isEqualTo(bytes.length);
    assertThat(Files.readAllBytes(target)).isEqualTo(bytes);
    assertThat(transfers).isEmpty();
    release.countDown();
    assertThat(transfers.take().isComplete()).isTrue();
  }

  @Test
  void aHandlerThatWantsNoStreamsRefusesThem() throws Exception {
    open(new RecordingHandler());
    int[] channel = new int[1];
    server.run(core -> channel[0] = core.streams().open("file", -1));
    assertThat(server.next()).isEqualTo("stopped " + channel[0] + " DENIED_BY_SERVICE");
  }

  @Test
  void aLostSessionEndsItsStreamsOnce() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    OutputStream out = session.stream("out");
    out.write(1);
    out.flush();
    server.run(core -> assertThat(core.streams().open("in", -1)).isPositive());
    Path target = directory.resolve("received");
    CompletableFuture<Long> received = streams.take().to(target);
    server.forget();
    await(received::isDone);
    assertThat(received.exceptionNow())
        .isInstanceOfSatisfying(
            LinkException.class,
            e -> assertThat(e.code()).isEqualTo(LinkCode.NO_SUCH_SESSION.number()));
    assertThatThrownBy(
            () -> {
              out.write(new byte[100_000]);
              out.flush();
            })
        .isInstanceOf(LinkException.class);
    assertThat(handler.next()).isEqualTo("opened");
    assertThat(handler.next()).isEqualTo("away");
    assertThat(handler.next()).isEqualTo("closed 5 lost");
    assertThat(transfers.take().how().isLost()).isTrue();
    assertThat(transfers).isEmpty();
  }

  @Test
  void aClosedSessionSendsNoStream() throws Exception {
    LinkSession<Note, Note> session = open(handler);
    session.close(300, "enough");
    Outgoing stream =
        session.stream("in", new ByteArrayInputStream(new byte[1]), OptionalLong.empty());
    await(() -> stream.done().isDone());
    assertThat(stream.done().exceptionNow())
        .isInstanceOfSatisfying(LinkException.class, e -> assertThat(e.code()).isEqualTo(300));
  }
}
