package io.baton.spice;

import io.baton.codec.Flow;
import io.baton.codec.Window;
import io.baton.service.CloseReason;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What is spoken on one channel once its link is made. Event loop only. */
abstract class Conversation {

  /** The channels of one session, which the main one has. */
  interface Channels {
    /** Returns whether the session has such a channel. */
    boolean has(ChannelType type);

    void join(Conversation other);

    void leave(Conversation other);

    /** Returns the main channel and the others. */
    List<Conversation> all();

    /** What one of the channels keeps back has changed. */
    void keptChanged();

    /** The service sends. */
    void output(SpiceOutput output);

    /** What was written on the other channels goes out. */
    void flush();
  }

  /** The codec's part of one connection. */
  interface Part extends Flow {
    /** Returns the channels of its session; null if this connection has no link yet. */
    @Nullable Channels channels();
  }

  private final ChannelType type;
  private final SpiceChannel channel;
  private long roundTripNanos = -1;

  Conversation(ChannelType type, SpiceChannel channel) {
    this.type = type;
    this.channel = channel;
  }

  ChannelType type() {
    return type;
  }

  SpiceChannel channel() {
    return channel;
  }

  /** Returns the channels of its session. */
  abstract Channels channels();

  /** Says the channel's first words. */
  abstract void begin();

  /** Returns whether messages of this number are handed out to the service. */
  abstract boolean handsOut(int message);

  /** Returns how many bytes the body of such a message has at least. */
  abstract int minBody(int message);

  /** Reads a message that is handed out. */
  abstract SpiceInput read(int message, ByteBuf body);

  /** Processes one of the channel's messages that are not handed out; unknown ones are skipped. */
  abstract void receive(int message, ByteBuf body);

  /**
   * Returns whether the next message stands for this one too, which is not handed out then.
   *
   * @param body of this message; what has arrived behind it follows
   */
  boolean isSuperseded(int message, ByteBuf in, int body, int next) {
    return false;
  }

  /** Writes what a later installation needs besides the {@link SpiceChannel}. */
  void save(ByteBuf out) {
    // Most need nothing.
  }

  /** Processes a message that is not handed out. */
  final void process(int message, ByteBuf body, Window window) {
    switch (message) {
      case Messages.ACK_SYNC -> channel.acks().synced(body.readIntLE());
      case Messages.ACK -> {
        channel.acks().acknowledged();
        channel.sendKept();
      }
      case Messages.PONG -> {
        body.skipBytes(Integer.BYTES);
        roundTripNanos = Math.max(0, System.nanoTime() - body.readLongLE());
      }
      case Messages.CLIENT_DISCONNECTING -> disconnecting(window);
      default -> receive(message, body);
    }
  }

  /** The client leaves: the end of its main channel is the session's. */
  private void disconnecting(Window window) {
    if (type == ChannelType.MAIN) {
      window.end(CloseReason.CLIENT);
    }
  }

  /** Returns how many bytes the body of a message has at least. */
  final int leastBody(int message) {
    return switch (message) {
      case Messages.ACK_SYNC -> Integer.BYTES;
      case Messages.PONG -> Integer.BYTES + Long.BYTES;
      case Messages.ACK, Messages.CLIENT_DISCONNECTING -> 0;
      default -> minBody(message);
    };
  }

  /** Asks whether the client is there, unless it has not taken what it was sent before. */
  final void ping(int id) {
    if (!channel.isKeepingBack()) {
      channel.send(Messages.PING, channel.body(12).writeIntLE(id).writeLongLE(System.nanoTime()));
      channel.flush();
    }
  }

  /** Says goodbye, if the client takes it. */
  final void goodbye() {
    if (!channel.isKeepingBack()) {
      long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
      channel.send(Messages.DISCONNECTING, channel.body(12).writeLongLE(now).writeIntLE(0));
      channel.flush();
    }
  }

  /** Returns how long the last ping was under way, in microseconds; negative if not known. */
  final long roundTripMicros() {
    return roundTripNanos < 0 ? -1 : TimeUnit.NANOSECONDS.toMicros(roundTripNanos);
  }
}
