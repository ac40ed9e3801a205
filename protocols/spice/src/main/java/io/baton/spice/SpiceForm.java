package io.baton.spice;

import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/**
 * The saved form of one channel: its type, whether it is new, what {@link SpiceChannel} and {@link
 * Conversation} know. A connection that looks for its session has a link message and no state if it
 * was not answered, or a state that says that its client knows the password. Read by the same
 * version of the codec only.
 */
final class SpiceForm {
  static final String CODEC = "spice";
  static final int VERSION = 1;

  /**
   * A channel that was read.
   *
   * @param isNew nothing was said on it yet
   */
  record Restored(Conversation conversation, boolean isNew) {}

  /** The state of a connection whose client knows the password; no channel has this type. */
  private static final byte KNOWN = 0;

  private SpiceForm() {}

  /** Makes the form of a connection whose link is not answered. */
  static Saved ofUnanswered(ByteBuffer unread) {
    return Saved.unread(CODEC, VERSION, unread);
  }

  /**
   * Makes the form of a connection whose client knows the password, and that looks for its session.
   *
   * @param unread what the client has sent behind its ticket
   */
  static Saved ofKnown(LinkMessage link, ByteBuf unread) {
    ByteBuf all = Unpooled.buffer();
    link.write(all);
    all.writeBytes(unread.duplicate());
    return new Saved(CODEC, VERSION, ByteBuffer.wrap(new byte[] {KNOWN}), all.nioBuffer());
  }

  /** Returns whether this is {@link #ofKnown}. */
  static boolean isKnown(Saved saved) {
    ByteBuffer state = saved.state();
    return state.remaining() == 1 && state.get(state.position()) == KNOWN;
  }

  /**
   * Makes the form of a channel that joins a session.
   *
   * @param unread what the client has sent behind its link
   */
  static Saved ofNew(ChannelType type, boolean mini, int capabilities, ByteBuf unread) {
    ByteBuf out = Unpooled.buffer();
    out.writeByte(type.code()).writeBoolean(true);
    new SpiceChannel(mini).save(out);
    switch (type) {
      case DISPLAY -> out.writeInt(capabilities).writeBoolean(false).writeLong(0);
      case INPUTS -> out.writeByte(0);
      case MAIN, CURSOR -> {
        // There is nothing.
      }
    }
    return new Saved(CODEC, VERSION, out.nioBuffer(), copy(unread));
  }

  /** Makes the form of a channel that goes on elsewhere. */
  static Saved of(Conversation conversation, ByteBuffer unread) {
    ByteBuf out = Unpooled.buffer();
    out.writeByte(conversation.type().code()).writeBoolean(false);
    conversation.channel().save(out);
    conversation.save(out);
    return new Saved(CODEC, VERSION, out.nioBuffer(), unread);
  }

  private static ByteBuffer copy(ByteBuf bytes) {
    return ByteBuffer.allocate(bytes.readableBytes()).put(bytes.nioBuffer()).flip();
  }

  /**
   * Reads a channel.
   *
   * @throws IllegalArgumentException if this is no such form
   */
  static Restored read(Saved saved, SpiceSettings settings, CodecContext context) {
    ByteBuf in = Unpooled.wrappedBuffer(saved.state());
    try {
      ChannelType type = ChannelType.of(in.readUnsignedByte()).orElseThrow();
      boolean isNew = in.readBoolean();
      SpiceChannel channel = SpiceChannel.read(in);
      return new Restored(
          switch (type) {
            case MAIN -> MainConversation.read(settings, channel, context.window(), in);
            case DISPLAY -> DisplayConversation.read(channels(context), channel, in);
            case INPUTS -> InputsConversation.read(channels(context), channel, in);
            case CURSOR -> new CursorConversation(channels(context), channel);
          },
          isNew);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("not the saved form of a SPICE channel", e);
    }
  }

  private static Conversation.Channels channels(CodecContext context) {
    Flow flow = context.accompanies().orElseThrow();
    Conversation.Channels channels = flow instanceof Conversation.Part its ? its.channels() : null;
    if (channels == null) {
      throw new IllegalArgumentException("a channel without a session");
    }
    return channels;
  }
}
