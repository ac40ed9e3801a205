package io.baton.spice;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one connection once its link is made: puts headers in front of messages, and
 * keeps back what the client's acknowledgements, or its connection, leave no room for. Event loop
 * only.
 *
 * <pre>
 *   send() ──► acknowledged enough, and the connection takes more? ──► header, message
 *                    └── no: kept back, in order, until ACK or the connection is writable
 * </pre>
 */
final class SpiceChannel {
  /** Bytes of the two forms of a message's header. */
  static final int MINI_HEADER = 6;

  static final int FULL_HEADER = 18;

  /** What a message that is kept back counts for beside its bytes. */
  private static final int OVERHEAD = 96;

  private record Message(int type, ByteBuf body) {}

  private final boolean mini;
  private final AckWindow acks;
  private final Deque<Message> kept = new ArrayDeque<>();
  private Runnable keptChanged = () -> {};
  private @Nullable ChannelHandlerContext ctx;
  private int keptBytes;
  private long serial;
  private boolean attached;
  private boolean unflushed;

  /**
   * @param mini whether messages have the short header
   */
  SpiceChannel(boolean mini) {
    this(mini, 0, new AckWindow());
  }

  private SpiceChannel(boolean mini, long serial, AckWindow acks) {
    this.mini = mini;
    this.serial = serial;
    this.acks = acks;
  }

  /**
   * Messages go out here, once the channel is {@link #attach attached}.
   *
   * @param keptChanged told when {@link #keptBytes} has changed
   */
  void on(ChannelHandlerContext ctx, Runnable keptChanged) {
    this.ctx = ctx;
    this.keptChanged = keptChanged;
  }

  /** Messages may be written from now on. */
  void attach() {
    attached = true;
    sendKept();
    flush();
  }

  /** Returns whether messages may be written. */
  boolean isAttached() {
    return attached;
  }

  boolean isMini() {
    return mini;
  }

  AckWindow acks() {
    return acks;
  }

  /** Returns how many bytes of memory are kept back. */
  int keptBytes() {
    return keptBytes;
  }

  boolean isKeepingBack() {
    return !kept.isEmpty();
  }

  /** Returns an empty body of about so many bytes. */
  ByteBuf body(int bytes) {
    ChannelHandlerContext to = ctx;
    return to == null ? Unpooled.buffer(bytes) : to.alloc().buffer(bytes);
  }

  /**
   * Writes a message, or keeps it back.
   *
   * @param body the channel's from now on
   */
  void send(int type, ByteBuf body) {
    if (!hasRoom() || !kept.isEmpty()) {
      kept.add(new Message(type, body));
      keptBytes += body.capacity() + OVERHEAD;
      keptChanged.run();
    } else {
      write(type, body);
    }
  }

  /** Writes SET_ACK, behind which messages count. */
  void sendSetAck() {
    send(Messages.SET_ACK, body(8).writeIntLE(AckWindow.GENERATION).writeIntLE(AckWindow.WINDOW));
  }

  private boolean hasRoom() {
    ChannelHandlerContext to = ctx;
    return attached && to != null && acks.isOpen() && to.channel().isWritable();
  }

  private void write(int type, ByteBuf body) {
    ChannelHandlerContext to = ctx;
    if (to == null) {
      body.release();
      return;
    }
    ByteBuf header = to.alloc().buffer(mini ? MINI_HEADER : FULL_HEADER);
    if (!mini) {
      header.writeLongLE(++serial);
    }
    header.writeShortLE(type).writeIntLE(body.readableBytes());
    if (!mini) {
      header.writeIntLE(0);
    }
    if (type == Messages.SET_ACK) {
      acks.begin();
    } else {
      acks.sent();
    }
    unflushed = true;
    var _ = to.write(header);
    var _ = to.write(body);
  }

  /** There may be room: writes what was kept back. */
  void sendKept() {
    if (kept.isEmpty()) {
      return;
    }
    boolean some = false;
    while (!kept.isEmpty() && hasRoom()) {
      Message next = kept.remove();
      keptBytes -= next.body.capacity() + OVERHEAD;
      some = true;
      write(next.type, next.body);
    }
    if (some) {
      flush();
      keptChanged.run();
    }
  }

  /** Flushes what was written. */
  void flush() {
    ChannelHandlerContext to = ctx;
    if (unflushed && to != null) {
      unflushed = false;
      to.flush();
    }
  }

  /** Releases what is kept back: nothing is written any more. */
  void close() {
    ctx = null;
    attached = false;
    kept.forEach(each -> each.body.release());
    kept.clear();
    keptBytes = 0;
  }

  void save(ByteBuf out) {
    out.writeBoolean(mini).writeLong(serial);
    acks.save(out);
    out.writeInt(kept.size());
    for (Message each : kept) {
      ByteBuf body = each.body;
      out.writeInt(each.type).writeInt(body.readableBytes());
      out.writeBytes(body, body.readerIndex(), body.readableBytes());
    }
  }

  static SpiceChannel read(ByteBuf in) {
    SpiceChannel channel = new SpiceChannel(in.readBoolean(), in.readLong(), AckWindow.read(in));
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      int type = in.readInt();
      ByteBuf body = in.readBytes(in.readInt());
      channel.kept.add(new Message(type, body));
      channel.keptBytes += body.capacity() + OVERHEAD;
    }
    return channel;
  }
}
