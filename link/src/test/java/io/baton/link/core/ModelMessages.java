package io.baton.link.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * The messages and asks of one side of a {@link LinkModel}. Each payload begins with the number of
 * messages and asks on the channel before it, and the ask that it answers.
 */
final class ModelMessages {
  private static final int TYPES = 3;
  private static final int LEAST = 12;

  /** A message channel of one direction. */
  private static final class Log {
    int messages;
    boolean isEnded;
    boolean isOver;
  }

  /** A message that is not processed. */
  private record Given(int channel, int size) {}

  private final ModelSide side;
  private final Random random;
  private final LinkModel.Counts counts;
  private final Map<Integer, Log> sent = new HashMap<>();
  private final Map<Integer, Log> received = new HashMap<>();
  private final Deque<Given> unprocessed = new ArrayDeque<>();

  /** Own asks that await an answer, and their channels. */
  private final Map<Long, Integer> asked = new HashMap<>();

  /** The peer's asks that are not answered, and their channels. */
  private final Map<Long, Integer> open = new HashMap<>();

  private final Set<Long> answered = new HashSet<>();
  private int total;

  ModelMessages(ModelSide side, Random random, LinkModel.Counts counts) {
    this.side = side;
    this.random = random;
    this.counts = counts;
    sent.put(0, new Log());
    received.put(0, new Log());
  }

  int received() {
    return total;
  }

  int count() {
    return sent.size() + received.size();
  }

  private LinkCore core() {
    return side.core;
  }

  private int types() {
    int types = random.nextInt(TYPES);
    if (!core().defines(types)) {
      core().define(types, ByteBuffer.allocate(200).put(0, (byte) types));
    }
    return types;
  }

  /** Returns channel 0 or another one, which may be new; 0 if there can be none. */
  private int channel() {
    if (random.nextInt(3) == 0) {
      return 0;
    }
    int channel = core().openMessages("channel " + random.nextInt(4));
    if (channel > 0 && !sent.containsKey(channel)) {
      sent.put(channel, new Log());
      counts.channels++;
    }
    return Math.max(0, channel);
  }

  private Log log(int channel) {
    Log log = sent.get(channel);
    if (log == null) {
      throw new AssertionError("channel " + channel + " was not opened");
    }
    return log;
  }

  private ByteBuffer payload(int channel, long answers) {
    int most = core().maxPayload();
    int length = random.nextInt(5) == 0 ? random.nextInt(most + 1) : random.nextInt(64);
    int number = log(channel).messages;
    ByteBuffer payload = ByteBuffer.allocate(Math.max(length, LEAST));
    payload.putInt(number).putLong(answers);
    while (payload.hasRemaining()) {
      payload.put((byte) (number + payload.position()));
    }
    return payload.flip();
  }

  private void sent(int length) {
    counts.messages++;
    counts.long_ += length > 256 ? 1 : 0;
  }

  void send() {
    int channel = channel();
    ByteBuffer payload = payload(channel, 0);
    if (core().send(channel, types(), payload.duplicate())) {
      log(channel).messages++;
      sent(payload.remaining());
    }
  }

  void ask() {
    int channel = channel();
    ByteBuffer payload = payload(channel, 0);
    long ask = core().canAsk() ? core().ask(channel, types(), payload.duplicate()) : -1;
    if (ask > 0) {
      log(channel).messages++;
      sent(payload.remaining());
      assertThat(asked.put(ask, channel)).isNull();
      counts.asks++;
    }
  }

  /** Answers some of the peer's asks. */
  void answer() {
    for (long ask : List.copyOf(open.keySet())) {
      if (random.nextBoolean()) {
        answer(ask);
      }
    }
  }

  private void answer(long ask) {
    int channel = open.getOrDefault(ask, 0);
    if (random.nextInt(4) == 0) {
      if (core().fail(channel, ask, 300, "no reply to " + ask)) {
        counts.failures++;
        open.remove(ask);
      }
      return;
    }
    int on = answersOn(channel);
    ByteBuffer payload = payload(on, ask);
    if (core().reply(channel, ask, types(), payload.duplicate())) {
      sent(payload.remaining());
      counts.replies++;
      open.remove(ask);
    }
  }

  /** Returns the own channel that has the name of the peer's, 0 if there is none. */
  private int answersOn(int channel) {
    InboundMessages its = core().receiving().messages(channel);
    OutboundMessages same =
        channel == 0 || its == null ? null : core().sending().messages(its.name());
    return same == null ? 0 : same.channel;
  }

  /** Cancels an ask, or ends a channel. */
  void cancelOrEnd() {
    if (random.nextInt(3) > 0) {
      asked.keySet().stream().findAny().ifPresent(this::cancel);
    } else {
      end(channel());
    }
  }

  private void cancel(long ask) {
    int channel = asked.getOrDefault(ask, 0);
    assertThat(core().cancel(channel, ask)).isTrue();
    assertThat(core().cancel(channel, ask)).as("a second CANCEL").isFalse();
    asked.remove(ask);
    counts.cancels++;
  }

  void cancelAll() {
    core().cancelAsks();
    counts.cancels += asked.size();
    asked.clear();
  }

  private void end(int channel) {
    if (channel > 0) {
      core().streams().end(channel, LinkCode.DONE.number());
      log(channel).isEnded = true;
    }
  }

  void opened(int channel, String name) {
    assertThat(name).startsWith("channel ");
    assertThat(received.put(channel, new Log())).isNull();
  }

  void receive(int channel, MessageKind kind, long ask, ByteBuffer payload, int size) {
    Log log = received.get(channel);
    if (log == null || log.isOver) {
      throw new AssertionError("a message on channel " + channel);
    }
    switch (kind) {
      case MESSAGE -> {
        checkPayload(log, payload, 0);
        log.messages++;
      }
      case ASK -> {
        checkPayload(log, payload, 0);
        log.messages++;
        assertThat(open.put(ask, channel)).isNull();
      }
      case REPLY -> {
        checkPayload(log, payload, ask);
        checkAnswer(ask);
      }
      case FAILED -> {
        assertThat(Failure.read(payload)).isEqualTo(new Failure(300, "no reply to " + ask));
        checkAnswer(ask);
      }
      case CANCEL -> {
        assertThat(open.remove(ask)).as("the ask that is cancelled").isEqualTo(channel);
        assertThat(core().reply(channel, ask, types(), ByteBuffer.allocate(0))).isFalse();
      }
    }
    total++;
    unprocessed.add(new Given(channel, size));
  }

  private void checkAnswer(long ask) {
    assertThat(asked.remove(ask)).as("the ask %d that is answered", ask).isNotNull();
    assertThat(answered.add(ask)).isTrue();
  }

  private static void checkPayload(Log log, ByteBuffer payload, long answers) {
    ByteBuffer bytes = payload.slice();
    assertThat(bytes.getInt()).as("the number of the message").isEqualTo(log.messages);
    assertThat(bytes.getLong()).as("the ask that is answered").isEqualTo(answers);
    while (bytes.hasRemaining()) {
      byte expected = (byte) (log.messages + bytes.position());
      if (bytes.get() != expected) {
        throw new AssertionError("byte %d of message %d".formatted(bytes.position(), log.messages));
      }
    }
  }

  /** Returns whether it is a channel of messages. */
  boolean ended(int channel, int code) {
    Log log = received.get(channel);
    if (log != null) {
      assertThat(log.isOver).isFalse();
      assertThat(code).isEqualTo(LinkCode.DONE.number());
      log.isOver = true;
    }
    return log != null;
  }

  boolean delivered(int channel) {
    Log log = sent.get(channel);
    if (log != null) {
      assertThat(log.isOver).isFalse();
      log.isOver = true;
    }
    return log != null;
  }

  void consume(int most) {
    for (int n = most; n > 0 && !unprocessed.isEmpty(); n--) {
      Given given = unprocessed.remove();
      core().consumed(given.channel(), given.size());
    }
  }

  void drain() {
    consume(Integer.MAX_VALUE);
    answer();
  }

  void finish() {
    List.copyOf(sent.keySet()).forEach(this::end);
  }

  /** A message that has begun is completed even if nobody reads streams. */
  void checkBetweenMessages() {
    assertThat(core().sending().turns().reserved()).as("bytes of half messages").isZero();
  }

  void checkReceived(ModelMessages other) {
    other.sent.forEach((channel, log) -> {
      Log got = received.get(channel);
      if (got == null) {
        throw new AssertionError("channel " + channel + " has not come");
      }
      assertThat(got.messages).as("messages on %d", channel).isEqualTo(log.messages);
      assertThat(got.isOver).as("END of %d", channel).isEqualTo(log.isEnded);
      assertThat(log.isOver).as("%d is delivered", channel).isEqualTo(got.isOver);
    });
  }

  /** Each ask has ended, once. */
  void checkAsks(ModelMessages other) {
    assertThat(asked).as("asks without an answer").isEmpty();
    assertThat(core().ownAsks()).as("own asks").isZero();
    assertThat(other.open).as("asks that nobody has answered").isEmpty();
    assertThat(other.core().openAsks()).as("the peer's asks").isZero();
  }
}
