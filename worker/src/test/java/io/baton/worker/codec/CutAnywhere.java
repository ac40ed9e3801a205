package io.baton.worker.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Codec;
import io.baton.codec.Flow;
import io.baton.codec.Protocol;
import io.baton.service.CloseReason;
import io.baton.testing.Seeds;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The promise of {@link Flow#save}: a conversation that is cut at any byte and goes on in another
 * worker hands out the same messages, writes the same bytes and ends the same way as one that is
 * not cut. A conversation is what a client sends; it ends with the end of its input.
 *
 * <p>What it needs of a codec: what comes out is a function of what goes in, so clocks are fixed.
 */
public final class CutAnywhere {
  /** So many times as many seeds under {@code -Pnightly}. */
  private static final int NIGHTLY = 100;

  /** Stands in for the service. */
  @FunctionalInterface
  public interface Answering {

    /**
     * Takes a message, which is released afterwards, and may answer.
     *
     * @param send writes an answer, now or later
     * @return a text by which messages are compared
     */
    String received(Object message, Consumer<Object> send);
  }

  /**
   * All that the two sides could see.
   *
   * @param messages the texts of those handed out
   * @param output the bytes written, one character each
   * @param end why the session ended
   */
  public record Outcome(List<String> messages, String output, @Nullable CloseReason end) {
    public Outcome {
      messages = List.copyOf(messages);
    }

    /** The same, for a codec whose messages are what each read brought. */
    Outcome joined() {
      return new Outcome(List.of(String.join("", messages)), output, end);
    }
  }

  private final Codec<?, ?> codec;
  private final Recorder recorder;
  private final List<Protocol<?, ?>> upgrades;
  private final boolean messagesAreReads;

  public CutAnywhere(Codec<?, ?> codec, Answering service) {
    this(codec, new Recorder(service), List.of());
  }

  /**
   * @param upgrades what a conversation may go over to, with services of this recorder
   */
  public CutAnywhere(
      Codec<?, ?> codec, Recorder recorder, List<? extends Protocol<?, ?>> upgrades) {
    this(codec, recorder, upgrades, false);
  }

  private CutAnywhere(
      Codec<?, ?> codec,
      Recorder recorder,
      List<? extends Protocol<?, ?>> upgrades,
      boolean messagesAreReads) {
    this.codec = codec;
    this.recorder = recorder;
    this.upgrades = List.copyOf(upgrades);
    this.messagesAreReads = messagesAreReads;
  }

  /** For a codec whose messages are what each read brought: compares all of them as one. */
  public CutAnywhere messagesAreReads() {
    return new CutAnywhere(codec, recorder, upgrades, true);
  }

  private RecordedSession connect() {
    return new RecordedSession(codec, recorder, upgrades);
  }

  /** The conversation in one read and one worker. */
  public Outcome uncut(byte[] conversation) {
    try (RecordedSession connection = connect()) {
      connection.read(conversation);
      return outcome(connection);
    }
  }

  /**
   * Cuts the conversation at every byte, also before the first and behind the last; and once moves
   * it at every byte at which it can.
   *
   * @return where it could not move: a k is a cut in front of byte k
   */
  public SortedSet<Integer> everyCut(byte[] conversation) {
    Outcome expected = uncut(conversation);
    SortedSet<Integer> stays = new TreeSet<>();
    for (int cut = 0; cut <= conversation.length; cut++) {
      try (RecordedSession connection = connect()) {
        connection.read(conversation, 0, cut);
        if (!connection.move()) {
          stays.add(cut);
        }
        connection.read(conversation, cut, conversation.length);
        assertThat(outcome(connection)).as("cut in front of byte %d", cut).isEqualTo(expected);
      }
    }
    try (RecordedSession connection = connect()) {
      for (int at = 0; at < conversation.length; at++) {
        connection.move();
        connection.read(conversation, at, at + 1);
      }
      assertThat(outcome(connection)).as("moved at every byte").isEqualTo(expected);
    }
    return stays;
  }

  /**
   * Reads of any size, windows that shut at any moment, moves with and without messages waiting.
   */
  public void bySeed(byte[] conversation, long seed) {
    Outcome expected = uncut(conversation);
    Random random = new Random(seed);
    int longest = 1 + random.nextInt(Math.max(1, conversation.length));
    try (RecordedSession connection = connect()) {
      int at = 0;
      while (at < conversation.length) {
        int size = Math.min(1 + random.nextInt(longest), conversation.length - at);
        connection.read(conversation, at, at + size);
        at += size;
        switch (random.nextInt(4)) {
          case 0 -> connection.busy(true);
          case 1 -> connection.busy(false);
          case 2 -> connection.move();
          default -> {
            // and the next read
          }
        }
      }
      assertThat(outcome(connection))
          .as("seed %d of %s", seed, Arrays.toString(conversation))
          .isEqualTo(expected);
    }
  }

  /**
   * Many seeds of {@link #bySeed}.
   *
   * @param share so many under {@code mvn verify}
   */
  public void randomly(byte[] conversation, int share) {
    Seeds.many(CutAnywhere.class, NIGHTLY * share, share)
        .forEach(seed -> bySeed(conversation, seed));
  }

  private Outcome outcome(RecordedSession connection) {
    Outcome outcome = connection.finish();
    return messagesAreReads ? outcome.joined() : outcome;
  }
}
