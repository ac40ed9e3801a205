package io.baton.link.service;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.core.ClientHandshake;
import io.baton.link.core.Limits;
import io.baton.link.core.LinkCore;
import io.baton.link.core.LinkEvents;
import io.baton.link.core.MessageKind;
import io.baton.link.core.ServerHandshake;
import io.baton.link.stream.OutgoingStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SessionDetailsTest {
  private static final byte[] NOTHING = {};
  private static final byte[] ID = "0123456789abcdef".getBytes(US_ASCII);

  private final LinkCore client;
  private final SessionDriver driver;
  private long nanos = 1_000;

  SessionDetailsTest() {
    Random random = new Random(1);
    ClientHandshake asking = ClientHandshake.open("s", null, NOTHING, Limits.DEFAULT, random);
    ServerHandshake answering = new ServerHandshake(Limits.DEFAULT, random);
    ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
    while (asking.pending() || answering.pending()) {
      asking.write(bytes.clear());
      answering.read(bytes.flip());
      switch (answering.state()) {
        case ASKED -> answering.challenge(List.of(), null);
        case PROVEN -> answering.welcome(ID, 1_000);
        default -> {}
      }
      answering.write(bytes.clear());
      asking.read(bytes.flip());
    }
    client = asking.core();
    driver = SessionDriver.begin(answering.core(), new Idle(), () -> nanos);
  }

  /** An owner whose service keeps what it gets. */
  private static final class Idle implements SessionDriver.Owner {
    @Override
    public boolean accepts() {
      return true;
    }

    @Override
    public void handOut(LinkInput input) {}

    @Override
    public void over(int code) {}

    @Override
    public void changed() {}

    @Override
    public void execute(Runnable task) {
      task.run();
    }

    @Override
    public boolean isCurrent() {
      return true;
    }
  }

  /** A client whose clock is one second ahead, and that answers nothing else. */
  private final class Answers implements LinkEvents {
    @Override
    public boolean message(
        int channel, MessageKind kind, long ask, int types, ByteBuffer payload, int size) {
      return true;
    }

    @Override
    public void defined(int types, ByteBuffer schema) {}

    @Override
    public void closed(int code, String text) {}

    @Override
    public void pinged(long t1) {
      nanos += 1_000;
      client.pong(t1, nanos + 1_000_000_000, nanos + 1_000_000_000);
    }
  }

  private void carry() {
    ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
    client.write(bytes);
    driver.read(bytes.flip());
    driver.core().write(bytes.clear());
    client.read(bytes.flip(), new Answers());
  }

  @Test
  void aSessionWithoutAnythingUnderWaySaysSo() {
    assertThat(driver.details())
        .containsExactly(
            Map.entry("asks", "0 of the client, 0 of the service"),
            Map.entry("resumes", "0 attempts of the client"));
  }

  @Test
  void everyStreamAndChannelHasItsLineWithTheNameAtItsEnd() {
    int upload = client.streams().open("upload.bin", 5_678);
    client.streams().write(upload, ByteBuffer.allocate(1_234));
    client.openMessages("news");
    client.define(0, ByteBuffer.wrap("a schema".getBytes(US_ASCII)));
    client.ask(0, 0, ByteBuffer.allocate(1));
    driver.write(new LinkOutput.Stream(OutgoingStream.of("report")));
    carry();
    driver.core().streams().consume(upload, 1_000);
    assertThat(driver.details())
        .containsExactly(
            Map.entry("asks", "1 of the client, 0 of the service"),
            Map.entry("resumes", "0 attempts of the client"),
            Map.entry("stream 1", "incoming, 1,000 of 5,678 bytes, upload.bin"),
            Map.entry("channel 3", "incoming, 7 bytes, news"),
            Map.entry("stream 2", "outgoing, 0 bytes, report"));
  }

  @Test
  void theClockIsShownOnceItIsSampled() {
    driver.write(new LinkOutput.Clock(new ServedClock()));
    assertThat(driver.details()).containsEntry("clock", "no answer yet");
    driver.ping();
    carry();
    nanos += 1_000;
    carry();
    assertThat(driver.details())
        .hasEntrySatisfying(
            "clock",
            text ->
                assertThat(text)
                    .matches(
                        "offset 1,000,000,\\d{3} ns, wrong by at most [\\d,]+ ns, drift 0\\.0 ppm"));
  }
}
