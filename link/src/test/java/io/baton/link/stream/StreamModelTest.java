package io.baton.link.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.Transfer;
import io.baton.testing.Seeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many streams of all kinds at once, over connections that are cut and sessions that move. */
class StreamModelTest {
  @TempDir Path directory;

  @Test
  void streamsArriveWholeAndEndOnceOverCutsAndMoves() {
    AtomicInteger cuts = new AtomicInteger();
    AtomicInteger moves = new AtomicInteger();
    AtomicInteger streams = new AtomicInteger();
    Seeds.many(StreamModelTest.class, 1_000, 30)
        .forEach(seed -> {
          Run run = new Run(seed);
          try {
            run.run();
          } catch (AssertionError | Exception e) {
            throw new AssertionError("seed " + seed + ": " + run, e);
          }
          cuts.addAndGet(run.sides.cuts);
          moves.addAndGet(run.sides.moves);
          streams.addAndGet(run.expected.size());
        });
    System.out.printf(
        "StreamModelTest: %d streams, %d cuts, %d moves%n", streams.get(), cuts.get(), moves.get());
    if (!Seeds.isOne()) {
      assertThat(cuts.get()).isGreaterThan(30);
      assertThat(moves.get()).isGreaterThan(30);
    }
  }

  /** One session. */
  private final class Run {
    private final long seed;
    private final Random random;
    final TwoSides sides;

    /** What each stream carries, by name. */
    final Map<String, byte[]> expected = new ConcurrentHashMap<>();

    private final Map<String, byte[]> received = new ConcurrentHashMap<>();
    private final Map<String, Path> files = new ConcurrentHashMap<>();
    private final List<OutgoingStream> sent = new ArrayList<>();

    Run(long seed) {
      this.seed = seed;
      random = new Random(seed);
      sides = new TwoSides(seed, TwoSides.SMALL);
      sides.cutShare = random.nextInt(200);
      sides.moveShare = random.nextInt(200);
      sides.atClient = this::take;
      sides.atServer = this::take;
    }

    void run() throws IOException {
      boolean filesOnly = random.nextInt(3) > 0;
      for (int i = 0; i < 12; i++) {
        send(i % 2 == 0 ? sides.client : sides.server, i, filesOnly || random.nextBoolean());
      }
      sides.until(this::isDone);
      for (Map.Entry<String, Path> each : files.entrySet()) {
        received.put(each.getKey(), Files.readAllBytes(each.getValue()));
      }
      assertThat(received.keySet()).isEqualTo(expected.keySet());
      expected.forEach((name, bytes) -> assertThat(received.get(name)).as(name).isEqualTo(bytes));
      assertTransfers(sides.transfersAtClient, 'c');
      assertTransfers(sides.transfersAtServer, 's');
      assertThat(sides.client.streams.incoming() + sides.server.streams.incoming()).isZero();
    }

    /** Names say what happens: from which side, how it is sent, how it is received. */
    private void send(TwoSides.Side from, int number, boolean file) throws IOException {
      byte[] bytes = new byte[random.nextInt(5) == 0 ? 0 : random.nextInt(60_000)];
      random.nextBytes(bytes);
      String name =
          (from.isClient ? "c" : "s")
              + (file ? "f" : "i")
              + (file || random.nextBoolean() ? "f" : "i")
              + number;
      expected.put(name, bytes);
      OutgoingStream stream;
      if (file) {
        Path path = directory.resolve(seed + "-from-" + name);
        stream = OutgoingStream.of(name, Files.write(path, bytes));
      } else if (random.nextBoolean()) {
        OptionalLong length =
            random.nextBoolean() ? OptionalLong.empty() : OptionalLong.of(bytes.length);
        stream = OutgoingStream.of(name, new ByteArrayInputStream(bytes), length);
      } else {
        stream = OutgoingStream.of(name);
        Thread.startVirtualThread(() -> write(bytes, stream.output()));
      }
      sent.add(from.send(stream));
    }

    private void write(byte[] bytes, OutputStream to) {
      try (to) {
        int middle = bytes.length / 3;
        to.write(bytes, 0, middle);
        to.flush();
        to.write(bytes, middle, bytes.length - middle);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void take(IncomingStream stream) {
      String name = stream.name();
      if (name.charAt(2) == 'f') {
        Path path = directory.resolve(seed + "-to-" + name);
        files.put(name, path);
        assertThat(stream.to(path)).isNotNull();
        return;
      }
      try (InputStream in = stream.input()) {
        byte[] all = in.readAllBytes();
        sides.locked(() -> received.put(name, all));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private boolean isDone() {
      return sides.transfersAtClient.size() == transfers('c')
          && sides.transfersAtServer.size() == transfers('s')
          && sent.stream().allMatch(StreamHandle::isOver)
          && sides.client.streams.outgoing() + sides.server.streams.outgoing() == 0
          && received.size() + files.size() == expected.size();
    }

    /** How many files a side sends or receives. */
    private int transfers(char side) {
      return (int)
          expected.keySet().stream()
              .filter(name -> name.charAt(name.charAt(0) == side ? 1 : 2) == 'f')
              .count();
    }

    private void assertTransfers(List<Transfer> told, char side) {
      for (Transfer each : told) {
        assertThat(each.isComplete()).as("%s", each).isTrue();
        assertThat(each.bytes())
            .as("%s", each)
            .isEqualTo(expected.getOrDefault(each.name(), new byte[0]).length);
        assertThat(each.incoming()).isEqualTo(each.name().charAt(0) != side);
      }
      assertThat(told).extracting(Transfer::name).doesNotHaveDuplicates();
      assertThat(told).hasSize(transfers(side));
    }

    @Override
    public String toString() {
      return "of %s are received %s and in files %s; not over %s; transfers %s and %s"
          .formatted(
              expected.keySet(),
              received.keySet(),
              files.keySet(),
              sent.stream().filter(each -> !each.isOver()).map(OutgoingStream::name).toList(),
              sides.transfersAtClient,
              sides.transfersAtServer);
    }
  }
}
