package io.baton.link.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A user of a {@link LinkModel} and its core. */
final class ModelSide implements LinkEvents {
  LinkCore core;
  final Deque<Byte> wire = new ArrayDeque<>();
  final ModelMessages messages;
  final ModelStreams streams;
  private final Random random;
  private final LinkModel.Counts counts;
  private boolean holding;
  @Nullable String ending;

  ModelSide(LinkCore core, Random random, LinkModel.Counts counts) {
    this.core = core;
    this.random = random;
    this.counts = counts;
    messages = new ModelMessages(this, random, counts);
    streams = new ModelStreams(this, random, counts);
  }

  /** Only grows while nothing more is sent and nothing is cut. */
  long progress() {
    return messages.received() + streams.bytes() - core.queued();
  }

  void check() {
    assertThat(core.isOver()).as(ending).isFalse();
    Limits own = core.limits();
    long all = 2L + streams.count() + messages.count();
    assertThat(core.buffered())
        .as("rings double, so twice the limits bound what both directions hold, plus small ones")
        .isLessThanOrEqualTo(2L * own.maxQueued() + 2L * own.credit() + all * 1_024 + 65_536);
  }

  @Override
  public boolean message(
      int channel, MessageKind kind, long ask, int types, ByteBuffer payload, int size) {
    messages.receive(channel, kind, ask, payload, size);
    return !holding && random.nextInt(4) > 0;
  }

  @Override
  public void defined(int types, ByteBuffer schema) {
    assertThat(schema.get(schema.position())).isEqualTo((byte) types);
  }

  @Override
  public void closed(int code, String text) {
    assertThat(ending).isNull();
    ending = LinkCode.of(code) + (code == LinkCode.BYE.number() ? "" : " " + text);
  }

  @Override
  public void opened(int channel, String name, long length) {
    streams.opened(channel, name, length);
  }

  @Override
  public void openedMessages(int channel, String name) {
    messages.opened(channel, name);
  }

  @Override
  public void ended(int channel, int code) {
    if (!messages.ended(channel, code)) {
      streams.ended(channel, code);
    }
  }

  @Override
  public void stopped(int channel, int code) {
    streams.stopped(channel);
  }

  @Override
  public void delivered(int channel) {
    if (!messages.delivered(channel)) {
      streams.delivered(channel);
    }
  }

  @Override
  public void acknowledged(int channel) {
    streams.acknowledged(channel);
  }

  void consume() {
    messages.consume(random.nextInt(4));
    if (!holding) {
      core.deliver(this);
    }
  }

  void hold() {
    holding = !holding;
    if (holding && random.nextBoolean()) {
      core.holdBack();
    }
  }

  /** The other side is over and knows the session no more, which a closing side expects. */
  void forgotten(ModelSide other) {
    if (other.core.isOver() && !core.isOver()) {
      assertThat(core.isClosing()).isTrue();
      ending = "BYE";
    }
    drain();
  }

  void lost() {
    core.lost();
    wire.clear();
  }

  void move() {
    counts.moves++;
    byte[] saved = core.save();
    core.closeSources();
    core = LinkCore.restore(saved, streams::reopen);
    if (random.nextInt(12) == 0) {
      messages.cancelAll();
    }
  }

  void finish() {
    holding = false;
    messages.finish();
    streams.finish();
  }

  void closeAfterSome() {
    for (int n = random.nextInt(6); n > 0; n--) {
      messages.send();
    }
    core.close(LinkCode.BYE, "done");
  }

  /** All messages that have come are processed. */
  void drain() {
    core.deliver(this);
    messages.drain();
    if (core.hasUngranted()) {
      core.grantAll();
    }
  }

  void checkComplete(ModelSide other) {
    messages.checkReceived(other.messages);
    messages.checkAsks(other.messages);
    streams.checkReceived(other.streams);
  }
}
