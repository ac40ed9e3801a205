package io.baton.spice;

import io.baton.codec.Window;
import io.baton.codec.WindowedDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import org.jspecify.annotations.Nullable;

/**
 * The input of one connection: first its {@link Handshake}, then messages, of which those that the
 * service is for are handed out and the others are processed as they arrive.
 *
 * <p>The display's acknowledgements make room for what the service sends, so they are read also
 * while inputs wait for the service. A connection whose own messages wait is not read beyond
 * {@value #MAX_WAITING} bytes.
 */
final class SpiceDecoder extends WindowedDecoder {
  private static final int MAX_WAITING = 64 * 1024;

  private final Window window;
  private final @Nullable Handshake handshake;
  private @Nullable Conversation conversation;
  private boolean begun;

  /** The connection is not read, because too much waits. */
  private boolean stopped;

  /** Of a connection whose link is to be made. */
  SpiceDecoder(Window window, Handshake handshake) {
    super(window);
    this.window = window;
    this.handshake = handshake;
  }

  /** Of a channel that goes on. */
  SpiceDecoder(Window window, Conversation conversation) {
    super(window);
    this.window = window;
    this.handshake = null;
    this.conversation = conversation;
    this.begun = true;
  }

  /** Returns what is spoken, once the link is made. */
  @Nullable Conversation conversation() {
    return conversation;
  }

  @Nullable Handshake handshake() {
    return handshake;
  }

  /** Returns whether the client has said anything. */
  boolean hasBegun() {
    return begun;
  }

  ChannelHandlerContext ctx() {
    return context();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    super.handlerAdded(ctx);
    Conversation its = conversation;
    if (its != null) {
      speak(its);
    }
  }

  private void speak(Conversation its) {
    Conversation.Channels channels = its.channels();
    its.channel()
        .on(
            context(),
            () -> {
              heldChanged();
              channels.keptChanged();
            });
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (conversation != null) {
      conversation.channel().sendKept();
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  protected boolean mayHandOut() {
    return window.accepts();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (isWaiting() && unreadBytes() > MAX_WAITING) {
      stopped = true;
      ctx.channel().config().setAutoRead(false);
    }
    ctx.fireChannelReadComplete();
  }

  /** Hands out what waits, and reads on if there is less of it. */
  void goOn() {
    resume();
    if (stopped && !isWaiting()) {
      stopped = false;
      context().channel().config().setAutoRead(true);
    }
  }

  @Override
  protected int heldBytes() {
    return conversation == null ? 0 : conversation.channel().keptBytes();
  }

  @Override
  protected int messageLength(ByteBuf in) {
    begun = true;
    Conversation its = conversation;
    if (its == null) {
      its = link(in);
    }
    return its == null ? INCOMPLETE : nextHandedOut(its, in);
  }

  private @Nullable Conversation link(ByteBuf in) {
    Handshake links = handshake;
    if (links != null && links.read(in, context()) instanceof Handshake.Began(var main)) {
      conversation = main;
      speak(main);
      main.channel().attach();
      main.begin();
      main.pingFrom(context());
      return main;
    }
    return null;
  }

  /** Processes messages up to one that is handed out. */
  private int nextHandedOut(Conversation its, ByteBuf in) {
    int header = its.channel().isMini() ? SpiceChannel.MINI_HEADER : SpiceChannel.FULL_HEADER;
    while (in.readableBytes() >= header) {
      int at = in.readerIndex();
      int message = type(in, its);
      int size = size(in, its);
      int total = header + size;
      if (in.readableBytes() < total) {
        admit(total);
        return INCOMPLETE;
      }
      if (its.handsOut(message) && !its.isSuperseded(message, in, at + header, at + total)) {
        return total;
      }
      arrived();
      if (!its.handsOut(message)) {
        its.process(message, in.slice(at + header, size), window);
      }
      in.skipBytes(total);
    }
    return INCOMPLETE;
  }

  private static int type(ByteBuf in, Conversation its) {
    return in.getUnsignedShortLE(in.readerIndex() + fields(its));
  }

  /** Returns where the header's fields begin that both forms have. */
  private static int fields(Conversation its) {
    return its.channel().isMini() ? 0 : Long.BYTES;
  }

  private static int size(ByteBuf in, Conversation its) {
    int at = in.readerIndex() + fields(its);
    int message = in.getUnsignedShortLE(at);
    long size = in.getUnsignedIntLE(at + Short.BYTES);
    if (size > its.type().maxBody()) {
      throw new TooLongFrameException(
          "message %d of channel %s has %d bytes, allowed %d"
              .formatted(message, its.type(), size, its.type().maxBody()));
    }
    if (size < its.leastBody(message)) {
      throw new CorruptedFrameException(
          "message %d of channel %s has %d bytes, which are not all of it"
              .formatted(message, its.type(), size));
    }
    if (!its.channel().isMini() && in.getIntLE(at + Short.BYTES + Integer.BYTES) != 0) {
      throw new CorruptedFrameException("a client's message with a list of messages inside");
    }
    return (int) size;
  }

  @Override
  protected Object readMessage(ByteBuf in, int length) {
    Conversation its = conversation;
    if (its == null) {
      throw new IllegalStateException("a message before the link");
    }
    int message = type(in, its);
    int header = length - size(in, its);
    SpiceInput input = its.read(message, in.slice(in.readerIndex() + header, length - header));
    in.skipBytes(length);
    return input;
  }
}
