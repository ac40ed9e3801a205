package io.baton.link.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.Ending;
import io.baton.link.Transfer;
import io.baton.testing.Seeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams that are refused, cancelled, cut short and lost, while the session is cut and moves. */
class StreamEndsTest {
  @TempDir Path directory;

  @Test
  void everyStreamEndsOnceWhateverEndsIt() {
    AtomicInteger complete = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    Seeds.many(StreamEndsTest.class, 1_000, 30)
        .forEach(seed -> {
          try {
            Run run = new Run(seed);
            run.run();
            run.sent.forEach(each ->
                (each.done().isCompletedExceptionally() ? failed : complete).incrementAndGet());
          } catch (AssertionError | IOException e) {
            throw new AssertionError("seed " + seed, e);
          }
        });
    System.out.printf(
        "StreamEndsTest: %d streams complete, %d not%n", complete.get(), failed.get());
    if (!Seeds.isOne()) {
      assertThat(complete.get()).isGreaterThan(20);
      assertThat(failed.get()).isGreaterThan(100);
    }
  }

  /** One session with streams whose names say how they are sent (f, i) and from which side. */
  private final class Run {
    private final long seed;
    private final Random random;
    private final TwoSides sides;
    private final boolean lost;
    final List<OutgoingStream> sent = new ArrayList<>();
    private final List<CompletableFuture<?>> written = new ArrayList<>();
    private final Set<String> filesAtClient = ConcurrentHashMap.newKeySet();
    private final Set<String> filesAtServer = ConcurrentHashMap.newKeySet();

    Run(long seed) {
      this.seed = seed;
      random = new Random(seed);
      sides = new TwoSides(seed, TwoSides.SMALL);
      sides.cutShare = random.nextInt(100);
      sides.moveShare = random.nextInt(300);
      lost = random.nextInt(3) == 0;
      sides.atClient = stream -> take(stream, filesAtClient);
      sides.atServer = stream -> take(stream, filesAtServer);
    }

    void run() throws IOException {
      for (int i = 0; i < 10; i++) {
        send(i % 2 == 0 ? sides.client : sides.server, i);
      }
      for (OutgoingStream each : sent) {
        if (random.nextInt(6) == 0) {
          sides.until(() -> each.sent() > 0 || each.isOver());
          Thread.startVirtualThread(each::cancel);
        }
      }
      if (lost) {
        sides.until(() -> !sides.transfersAtClient.isEmpty() || allOver());
        sides.client.end(new Ending(Ending.UNTOLD, "lost", true));
        sides.server.end(new Ending(Ending.UNTOLD, "lost", true));
      }
      sides.until(this::allOver);
      assertOnce(sides.transfersAtClient, filesAtClient);
      assertOnce(sides.transfersAtServer, filesAtServer);
      assertThat(sides.client.streams.incoming() + sides.server.streams.incoming()).isZero();
      assertThat(sides.client.streams.outgoing() + sides.server.streams.outgoing()).isZero();
    }

    private void send(TwoSides.Side from, int number) throws IOException {
      byte[] bytes = new byte[random.nextInt(40_000)];
      boolean file = random.nextInt(3) > 0;
      String name = (from.isClient ? "c" : "s") + number;
      OutgoingStream stream;
      if (file) {
        Path path = Files.write(directory.resolve(seed + "-from-" + name), bytes);
        stream = OutgoingStream.of(name, path);
        (from.isClient ? filesAtClient : filesAtServer).add(name);
      } else {
        int announced = bytes.length + random.nextInt(3);
        stream =
            OutgoingStream.of(name, new ByteArrayInputStream(bytes), OptionalLong.of(announced));
      }
      sent.add(from.send(stream));
      var _ = stream.done().whenComplete((none, e) -> sides.locked(() -> {}));
    }

    private void take(IncomingStream stream, Set<String> files) {
      switch (Math.floorMod(stream.name().hashCode() + (int) seed, 6)) {
        case 0 -> stream.refuse();
        case 1 -> read(stream.input(), 5_000);
        case 2 -> read(stream.input(), Integer.MAX_VALUE);
        case 3 -> write(stream, directory.resolve("none/target"), files);
        default -> write(stream, directory.resolve(seed + "-to-" + stream.name()), files);
      }
    }

    private void read(InputStream from, int most) {
      try (from) {
        assertThat(from.readNBytes(most)).hasSizeLessThanOrEqualTo(most);
      } catch (IOException e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }

    private void write(IncomingStream stream, Path target, Set<String> files) {
      sides.locked(() -> {
        if (!stream.isOver()) {
          files.add(stream.name());
        }
        CompletableFuture<Long> future = stream.to(target);
        written.add(future);
        var _ = future.whenComplete((n, e) -> sides.locked(() -> {}));
      });
    }

    private boolean allOver() {
      return sent.stream().allMatch(each -> each.done().isDone())
          && written.stream().allMatch(CompletableFuture::isDone)
          && (sides.client.gone
              || (sides.client.streams.outgoing() + sides.server.streams.outgoing() == 0
                  && sides.client.streams.incoming() + sides.server.streams.incoming() == 0));
    }

    private void assertOnce(List<Transfer> told, Set<String> files) {
      assertThat(told).extracting(Transfer::name).doesNotHaveDuplicates();
      assertThat(told).extracting(Transfer::name).containsExactlyInAnyOrderElementsOf(files);
    }
  }
}
