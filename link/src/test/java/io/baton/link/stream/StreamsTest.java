package io.baton.link.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;

import io.baton.link.Ending;
import io.baton.link.Incoming;
import io.baton.link.LinkException;
import io.baton.link.Outgoing;
import io.baton.link.Transfer;
import io.baton.link.core.LinkCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamsTest {
  private static final byte[] MUCH = new byte[100_000];

  static {
    new Random(1).nextBytes(MUCH);
  }

  @TempDir Path directory;
  private final TwoSides sides = new TwoSides(1, TwoSides.SMALL);
  private final CompletableFuture<IncomingStream> offered = new CompletableFuture<>();

  StreamsTest() {
    sides.atServer = offered::complete;
  }

  // How streams begin.

  @Test
  void readerLearnsTheNameAndTheLengthIfItIsKnown() {
    sides.client.send(OutgoingStream.of("bytes", input(MUCH), OptionalLong.of(MUCH.length)));
    assertThat(incoming().name()).isEqualTo("bytes");
    assertThat(incoming().length()).hasValue(MUCH.length);
    TwoSides others = new TwoSides(2, TwoSides.SMALL);
    CompletableFuture<IncomingStream> unknown = new CompletableFuture<>();
    others.atServer = unknown::complete;
    others.client.send(OutgoingStream.of("output"));
    assertThat(others.until(unknown).join().length()).isEmpty();
  }

  @Test
  void streamsAreKnownByTheirChannelsOnBothSides() {
    sides.client.send(OutgoingStream.of("bytes", input(MUCH), OptionalLong.of(MUCH.length)));
    sides.client.send(OutgoingStream.of("output"));
    assertThat(incoming().name()).isEqualTo("bytes");
    sides.locked(() -> {
      for (SessionStreams each : List.of(sides.client.streams, sides.server.streams)) {
        assertThat(each.name(1)).isEqualTo("bytes");
        assertThat(each.length(1)).isEqualTo(MUCH.length);
        assertThat(each.name(5)).isEmpty();
        assertThat(each.length(5)).isEqualTo(-1);
      }
      assertThat(sides.client.streams.name(3)).isEqualTo("output");
      assertThat(sides.client.streams.length(3)).isEqualTo(-1);
    });
  }

  @Test
  void streamIsTakenOnce() {
    sides.client.send(OutgoingStream.of("once"));
    incoming().refuse();
    assertThatThrownBy(() -> incoming().input())
        .hasMessageContaining("accepted or refused already");
    assertThatThrownBy(() -> incoming().to(directory)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> incoming().refuse(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusedStreamFailsWithTheCodeForItsSender() {
    OutgoingStream sent = sides.client.send(OutgoingStream.of("unwanted"));
    incoming().refuse(LinkCode.FORBIDDEN.number());
    assertThat(failure(sent.done()).code()).isEqualTo(LinkCode.FORBIDDEN.number());
    assertThatThrownBy(() -> sent.output().write(MUCH))
        .isInstanceOf(LinkException.class)
        .hasMessageContaining("unwanted")
        .hasMessageContaining("FORBIDDEN");
  }

  @Test
  void applicationsCodeOfARefusalArrivesAlsoIfTheSessionMoves() {
    OutgoingStream sent = sides.client.send(OutgoingStream.of("unwanted"));
    IncomingStream stream = incoming();
    stream.refuse(300);
    sides.until(stream::isOver);
    sides.locked(sides::move);
    assertThat(failure(sent.done()).code()).isEqualTo(300);
    assertThat(failure(sent.done())).hasMessageContaining("by its reader: code 300");
  }

  @Test
  void onlyRegularFilesThatAreThereCanBeSent() {
    assertThatThrownBy(() -> OutgoingStream.of("x", directory.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> OutgoingStream.of("x", directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a regular file");
    assertThatThrownBy(() -> OutgoingStream.of("n".repeat(256)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("255");
  }

  @Test
  void streamsBeyondTheLimitFailWithTheReason() {
    List<OutgoingStream> many =
        IntStream.range(0, 65)
            .mapToObj(i -> sides.client.send(OutgoingStream.of("stream " + i)))
            .toList();
    LinkException failure = failure(many.get(64).done());
    assertThat(failure.code()).isEqualTo(LinkCode.TOO_MANY.number());
    assertThat(failure).hasMessageContaining("64 are open");
    assertThat(sides.client.streams.outgoing()).isEqualTo(64);
  }

  @Test
  void streamThatWasCancelledBeforeItWasSentDoesNotBegin() throws IOException {
    Path file = Files.write(directory.resolve("file"), MUCH);
    OutgoingStream stream = OutgoingStream.of("file", file);
    stream.cancel();
    sides.client.send(stream);
    assertThat(failure(stream.done()).code()).isEqualTo(LinkCode.BYE.number());
    AtomicBoolean closed = new AtomicBoolean();
    OutgoingStream other = OutgoingStream.of("input", onClose(closed), OptionalLong.empty());
    assertThat(other.abandon(new LinkException(14, "no session", null))).isTrue();
    assertThat(failure(other.done())).hasMessage("no session");
    assertThat(closed).isTrue();
  }

  // How they end.

  @Test
  void readerThatClosesEarlyEndsTheStreamForItsWriter() throws IOException {
    OutgoingStream sent = sides.client.send(OutgoingStream.of("long"));
    Thread writer = inBackground(() -> sent.output().write(MUCH));
    InputStream in = incoming().input();
    assertThat(carrying(() -> in.readNBytes(10_000))).isEqualTo(Arrays.copyOf(MUCH, 10_000));
    in.close();
    in.close();
    assertThat(failure(sent.done()).code()).isEqualTo(LinkCode.BYE.number());
    assertThatThrownBy(() -> sent.output().write(MUCH)).isInstanceOf(LinkException.class);
    assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessageContaining("closed");
    assertThat(carrying(() -> joined(writer))).isTrue();
  }

  @Test
  void readerThatClosesAfterAllAnnouncedBytesHasNotClosedEarly() throws IOException {
    OutgoingStream sent =
        sides.client.send(OutgoingStream.of("x", input(MUCH), OptionalLong.of(MUCH.length)));
    InputStream in = incoming().input();
    assertThat(carrying(() -> in.readNBytes(MUCH.length))).isEqualTo(MUCH);
    in.close();
    assertThat(sides.until(sent.done())).isCompleted();
    assertThat(sent.sent()).isEqualTo(MUCH.length);
  }

  @Test
  void cancelledStreamFailsForItsReaderBehindTheBytesBefore() throws IOException {
    OutgoingStream sent = sides.client.send(OutgoingStream.of("cancelled"));
    OutputStream out = sent.output();
    out.write(MUCH, 0, 5_000);
    carrying(() -> {
      out.flush();
      return true;
    });
    sent.cancel();
    InputStream in = incoming().input();
    assertThat(carrying(() -> in.readNBytes(5_000))).isEqualTo(Arrays.copyOf(MUCH, 5_000));
    LinkException failure = (LinkException) carrying(() -> catchThrowable(in::read));
    assertThat(failure.code()).isEqualTo(LinkCode.BYE.number());
    assertThat(failure(sent.done()).code()).isEqualTo(LinkCode.BYE.number());
    assertThatThrownBy(out::flush).isInstanceOf(LinkException.class);
  }

  @Test
  void inputThatFailsEndsTheStreamWithErrorAndIsClosed() {
    AtomicBoolean closed = new AtomicBoolean();
    InputStream failing = new SequenceInputStream(input("abc".getBytes(UTF_8)), onClose(closed));
    OutgoingStream sent =
        sides.client.send(OutgoingStream.of("failing", failing, OptionalLong.empty()));
    InputStream in = incoming().input();
    assertThat(carrying(() -> in.readNBytes(3))).isEqualTo("abc".getBytes(UTF_8));
    LinkException failure = (LinkException) carrying(() -> catchThrowable(in::read));
    assertThat(failure.code()).isEqualTo(LinkCode.ERROR.number());
    assertThat(failure(sent.done())).hasMessageContaining("the source is broken");
    assertThat(closed).isTrue();
  }

  @Test
  void inputOfAnotherLengthThanAnnouncedIsAnError() {
    OutgoingStream tooShort =
        sides.client.send(OutgoingStream.of("short", input(MUCH), OptionalLong.of(200_000)));
    CompletableFuture<Long> written = incoming().to(directory.resolve("short"));
    assertThat(failure(tooShort.done())).hasMessageContaining("100000 bytes of the 200000");
    assertThat(failure(written).code()).isEqualTo(LinkCode.ERROR.number());
    sides.atServer = stream -> assertThat(stream.to(directory.resolve("long"))).isNotNull();
    OutgoingStream tooLong =
        sides.client.send(OutgoingStream.of("long", input(MUCH), OptionalLong.of(70_000)));
    assertThat(failure(tooLong.done())).hasMessageContaining("more bytes than the 70000");
  }

  @Test
  void closedOutputTakesNoMoreBytes() throws IOException {
    OutgoingStream sent = sides.client.send(OutgoingStream.of("x"));
    OutputStream out = sent.output();
    out.write('a');
    out.close();
    out.close();
    assertThatThrownBy(() -> out.write('b')).hasMessage("the stream x is closed");
    InputStream in = incoming().input();
    assertThat(carrying(in::readAllBytes)).isEqualTo(new byte[] {'a'});
    assertThat(sides.until(sent.done())).isCompleted();
  }

  @Test
  void endOfTheSessionEndsEveryHandleOnce() throws IOException {
    Path source = Files.write(directory.resolve("source"), MUCH);
    OutgoingStream file = sides.client.send(OutgoingStream.of("file", source));
    OutgoingStream bytes = sides.client.send(OutgoingStream.of("bytes"));
    sides.atClient = stream -> assertThat(stream.to(directory.resolve("target"))).isNotNull();
    OutgoingStream back = sides.server.send(OutgoingStream.of("back"));
    sides.until(() -> sides.client.streams.incoming() == 1);
    Ending lost = new Ending(Ending.UNTOLD, "the grace is over", true);
    sides.client.end(lost);
    sides.client.end(new Ending(1, "again", false));
    for (Outgoing each : List.of(file, bytes)) {
      LinkException failure = failure(each.done());
      assertThat(failure.code()).isEqualTo(Ending.UNTOLD);
      assertThat(failure).hasMessage("the session has ended: the grace is over");
    }
    assertThat(sides.transfersAtClient)
        .extracting(Transfer::isComplete, each -> each.how().lost(), Transfer::name)
        .contains(tuple(false, true, "file"))
        .hasSizeLessThanOrEqualTo(2);
    sides.server.end(new Ending(18, "", false));
    assertThat(failure(back.done())).hasMessage("the session has ended");
    OutgoingStream late = OutgoingStream.of("late");
    sides.locked(() -> sides.client.streams.send(sides.client.core, late));
    assertThat(failure(late.done())).hasMessageContaining("grace");
  }

  // Files.

  @Test
  void targetThatCannotBeMadeEndsTheStreamOnBothSides() throws IOException {
    Path source = Files.write(directory.resolve("source"), MUCH);
    OutgoingStream sent = sides.client.send(OutgoingStream.of("file", source));
    CompletableFuture<Long> written = incoming().to(directory.resolve("none/target"));
    assertThat(failure(written).code()).isEqualTo(LinkCode.ERROR.number());
    assertThat(failure(written)).hasMessageContaining("none/target");
    assertThat(failure(sent.done()).code()).isEqualTo(LinkCode.ERROR.number());
    assertThat(sides.transfersAtServer).hasSize(1).noneMatch(Transfer::isComplete);
    assertThat(sides.transfersAtClient).hasSize(1).noneMatch(Transfer::isComplete);
  }

  @Test
  void diskThatIsFullEndsTheStreamOnBothSides() throws IOException {
    Path full = Path.of("/dev/full");
    assertThat(full).as("Linux has it").exists();
    OutgoingStream sent =
        sides.client.send(OutgoingStream.of("x", input(MUCH), OptionalLong.empty()));
    LinkException failure = failure(incoming().to(full));
    assertThat(failure).hasMessageContaining("No space left");
    assertThat(failure(sent.done()).code()).isEqualTo(LinkCode.ERROR.number());
    assertThat(sides.transfersAtServer).hasSize(1);
    assertThat(sides.transfersAtServer.get(0).how().code()).isEqualTo(LinkCode.ERROR.number());
  }

  @Test
  void fileThatBecomesShorterWhileItIsSentIsAnError() throws IOException {
    Path source = Files.write(directory.resolve("source"), MUCH);
    OutgoingStream sent = sides.client.send(OutgoingStream.of("file", source));
    InputStream in = incoming().input();
    assertThat(carrying(() -> in.readNBytes(100))).hasSize(100);
    Files.write(source, new byte[50_000]);
    assertThat(carrying(() -> catchThrowable(in::readAllBytes))).isInstanceOf(LinkException.class);
    LinkException failure = failure(sent.done());
    assertThat(failure).hasMessageContaining("has become shorter: 50000 of 100000 bytes");
    assertThat(sides.transfersAtClient).hasSize(1);
    assertThat(sides.transfersAtClient.get(0).bytes()).isEqualTo(50_000);
  }

  @Test
  void fileThatWasChangedIsNotSentOnByAnotherProcess() throws IOException {
    Path source = Files.write(directory.resolve("source"), MUCH);
    CompletableFuture<IncomingStream> atClient = new CompletableFuture<>();
    sides.atClient = atClient::complete;
    OutgoingStream sent = sides.server.send(OutgoingStream.of("file", source));
    InputStream in = sides.until(atClient).join().input();
    assertThat(carrying(() -> in.readNBytes(100))).hasSize(100);
    FileTime time = Files.getLastModifiedTime(source);
    Files.setLastModifiedTime(source, FileTime.from(time.toInstant().plusNanos(1_000)));
    sides.locked(sides::move);
    assertThat(failure(sent.done()).code()).isEqualTo(LinkCode.MOVED.number());
    LinkException failure = (LinkException) carrying(() -> catchThrowable(in::readAllBytes));
    assertThat(failure.code()).isEqualTo(LinkCode.ERROR.number());
    sides.until(() -> sides.server.streams.outgoing() == 0);
    assertThat(sides.transfersAtServer).hasSize(1);
    assertThat(sides.transfersAtServer.get(0).how().text()).contains("was changed while");
  }

  @Test
  void fileThatIsGoneIsNotWrittenOnByAnotherProcess() throws IOException {
    OutgoingStream sent = sides.client.send(OutgoingStream.of("x"));
    sent.output().write(MUCH, 0, 3_000);
    Thread flushing = inBackground(() -> sent.output().flush());
    Path target = directory.resolve("target");
    CompletableFuture<Long> here = incoming().to(target);
    sides.until(() -> size(target) == 3_000);
    Files.delete(target);
    sides.locked(sides::move);
    assertThat(failure(here).code()).isEqualTo(LinkCode.MOVED.number());
    assertThat(failure(sent.done()).code()).isEqualTo(LinkCode.ERROR.number());
    assertThat(sides.transfersAtServer).hasSize(1);
    assertThat(sides.transfersAtServer.get(0).how().text()).contains("NoSuchFile");
    assertThat(carrying(() -> joined(flushing))).isTrue();
  }

  @Test
  void applicationsCodeOfAnEndIsToldBehindTheBytesAlsoIfTheSessionMoves() {
    OutgoingStream sent = sides.client.send(OutgoingStream.of("x"));
    Path target = directory.resolve("target");
    CompletableFuture<Long> here = incoming().to(target);
    sides.locked(() -> {
      sides.client.core.streams().write(sent.channel, ByteBuffer.wrap(MUCH, 0, 3_000));
      sides.client.core.streams().end(sent.channel, 300);
      boolean more = true;
      while (more) {
        more = sides.carry();
      }
      assertThat(sides.server.streams.incoming()).as("bytes are left").isEqualTo(1);
      sides.move();
    });
    assertThat(failure(here).code()).isEqualTo(LinkCode.MOVED.number());
    sides.until(() -> !sides.transfersAtServer.isEmpty());
    Transfer end = sides.transfersAtServer.getFirst();
    assertThat(end.how().code()).isEqualTo(300);
    assertThat(end.how().text()).contains("by the other side: code 300");
    assertThat(end.bytes()).isEqualTo(3_000);
  }

  @Test
  void cancelledFutureOfATargetStopsTheStream() throws IOException {
    Path source = Files.write(directory.resolve("source"), MUCH);
    OutgoingStream sent = sides.client.send(OutgoingStream.of("file", source));
    CompletableFuture<Long> written = incoming().to(directory.resolve("target"));
    assertThat(written.cancel(false)).isTrue();
    assertThat(failure(sent.done()).code()).isEqualTo(LinkCode.BYE.number());
    sides.until(() -> sides.server.streams.incoming() + sides.client.streams.outgoing() == 0);
    assertThat(sides.transfersAtServer).hasSize(1);
    assertThat(sides.transfersAtServer.getFirst().how().code()).isEqualTo(LinkCode.BYE.number());
    assertThat(sides.transfersAtServer.getFirst().how().text()).contains("was cancelled");
  }

  @Test
  void interruptOfWhoReadsAFileDoesNotEndItsStream() throws IOException {
    FileSource source = FileSource.open(Files.write(directory.resolve("source"), MUCH));
    Thread.currentThread().interrupt();
    ByteBuffer to = ByteBuffer.allocate(10);
    assertThat(source.read(5, to)).isEqualTo(10);
    assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
    assertThat(to.array()).isEqualTo(Arrays.copyOfRange(MUCH, 5, 15));
    assertThat(source.read(0, to.clear())).isEqualTo(10);
    source.close();
    source.close();
    assertThatThrownBy(() -> source.read(0, to.clear())).hasMessageContaining("is closed");
  }

  // Moves.

  @Test
  void streamOfAnObjectKeepsTheSessionUntilItEnds() throws IOException {
    assertThat(sides.server.streams.isBound()).isFalse();
    OutgoingStream sent = sides.client.send(OutgoingStream.of("x"));
    Incoming stream = incoming();
    assertThat(sides.server.streams.isBound()).as("offered").isTrue();
    assertThat(sides.client.streams.isBound()).as("written to").isTrue();
    assertThatThrownBy(sides.server.streams::save).hasMessageContaining("cannot move");
    InputStream in = stream.input();
    assertThat(sides.server.streams.isBound()).as("read from").isTrue();
    sent.output().close();
    assertThat(carrying(in::readAllBytes)).isEmpty();
    assertThat(sides.server.streams.isBound()).isFalse();
    assertThat(sides.until(sent.done())).isCompleted();
    assertThat(sides.client.streams.isBound()).isFalse();
  }

  @Test
  void savedStreamsThatAreNoneAreRefused() {
    for (byte[] wrong : List.of(new byte[0], new byte[] {9, 0}, new byte[] {1, 1, 7})) {
      assertThatThrownBy(() -> sides.server.streams.restore(sides.server.core, wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not the saved streams");
    }
    assertThatThrownBy(() -> sides.server.streams.open(new byte[3]))
        .isInstanceOf(IOException.class);
  }

  // Interrupts.

  @Test
  void interruptEndsTheWaitOfAReaderAndNothingElse() throws IOException {
    OutgoingStream sent = sides.client.send(OutgoingStream.of("x"));
    InputStream in = incoming().input();
    assertInterruptible(in::read);
    sent.output().write(7);
    sent.output().close();
    assertThat(carrying(in::readAllBytes)).containsExactly(7);
  }

  @Test
  void interruptEndsTheWaitOfAWriterAndNothingElse() throws IOException {
    OutgoingStream sent = sides.client.send(OutgoingStream.of("x"));
    OutputStream out = sent.output();
    AtomicBoolean taken = new AtomicBoolean();
    // Nobody carries bytes meanwhile, so there is no room beyond the window and the buffer.
    int most = 8_192 + StreamOutput.BUFFER_BYTES;
    out.write(MUCH, 0, 8_000);
    assertInterruptible(() -> {
      out.write(MUCH, 8_000, most);
      taken.set(true);
      return 0;
    });
    assertThat(taken).isFalse();
    sent.output().close();
    InputStream in = incoming().input();
    byte[] all = carrying(in::readAllBytes);
    assertThat(all).isEqualTo(Arrays.copyOf(MUCH, all.length));
    assertThat(all.length).isBetween(8_000, 8_000 + most);
  }

  private static void assertInterruptible(Callable<Integer> waiting) {
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              ended.complete(catchThrowable(waiting::call));
            });
    while (thread.getState() != Thread.State.WAITING && !ended.isDone()) {
      Thread.onSpinWait();
    }
    thread.interrupt();
    assertThat(ended.join()).isInstanceOf(InterruptedIOException.class);
  }

  // What the tests do.

  private IncomingStream incoming() {
    return sides.until(offered).join();
  }

  private LinkException failure(CompletableFuture<?> future) {
    Throwable failure = sides.until(future).exceptionNow();
    assertThat(failure).isInstanceOf(LinkException.class);
    return (LinkException) failure;
  }

  /** Does something that waits, on another thread, while this one carries the bytes. */
  private <T> T carrying(Callable<T> action) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.startVirtualThread(() -> {
      try {
        result.complete(action.call());
      } catch (Exception e) {
        result.completeExceptionally(e);
      }
    });
    return sides.until(result).join();
  }

  /** Does something that fails when the stream ends. */
  private static Thread inBackground(ThrowingCallable action) {
    return Thread.startVirtualThread(() -> {
      var _ = catchThrowable(action);
    });
  }

  private static boolean joined(Thread thread) throws InterruptedException {
    thread.join();
    return true;
  }

  private static InputStream input(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }

  /** An input that cannot be read, and tells that it was closed. */
  private static InputStream onClose(AtomicBoolean closed) {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        throw new IOException("the source is broken");
      }

      @Override
      public int read(byte[] to, int offset, int length) throws IOException {
        return read();
      }

      @Override
      public void close() {
        closed.set(true);
      }
    };
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return -1;
    }
  }
}
