package io.baton.spice;

import io.baton.spice.SpiceInput.ButtonDown;
import io.baton.spice.SpiceInput.ButtonUp;
import io.baton.spice.SpiceInput.KeyDown;
import io.baton.spice.SpiceInput.KeyUp;
import io.baton.spice.SpiceInput.Modifiers;
import io.baton.spice.SpiceInput.MouseMoved;
import io.baton.spice.SpiceInput.PointerAt;
import io.netty.buffer.ByteBuf;

/**
 * The inputs channel: keys and mouse, in order. The client waits for an acknowledgement of each
 * {@value #MOTIONS} motions.
 */
final class InputsConversation extends Conversation {
  /** Motions that are acknowledged together (SPICE_INPUT_MOTION_ACK_BUNCH). */
  private static final int MOTIONS = 4;

  /** The largest coordinate: no screen is that large. */
  private static final int MAX_COORDINATE = 0xFFFF;

  private static final int E0 = 0xE0;
  private static final int E1 = 0xE1;
  private static final int POSITION_BYTES = 11;
  private static final int BUTTONS_OFFSET = 8;

  private final Channels channels;
  private int motions;

  InputsConversation(Channels channels, SpiceChannel channel) {
    super(ChannelType.INPUTS, channel);
    this.channels = channels;
  }

  static InputsConversation read(Channels channels, SpiceChannel channel, ByteBuf in) {
    InputsConversation inputs = new InputsConversation(channels, channel);
    inputs.motions = in.readUnsignedByte();
    return inputs;
  }

  @Override
  void save(ByteBuf out) {
    out.writeByte(motions);
  }

  @Override
  Channels channels() {
    return channels;
  }

  @Override
  void begin() {
    channel().send(Messages.INPUTS_INIT, channel().body(2).writeShortLE(0));
    channel().flush();
  }

  @Override
  boolean handsOut(int message) {
    return switch (message) {
      case Messages.KEY_DOWN,
          Messages.KEY_UP,
          Messages.KEY_MODIFIERS,
          Messages.MOUSE_MOTION,
          Messages.MOUSE_POSITION,
          Messages.MOUSE_PRESS,
          Messages.MOUSE_RELEASE ->
          true;
      default -> false;
    };
  }

  @Override
  int minBody(int message) {
    return switch (message) {
      case Messages.KEY_DOWN, Messages.KEY_UP -> 4;
      case Messages.KEY_MODIFIERS -> 2;
      case Messages.MOUSE_MOTION -> 10;
      case Messages.MOUSE_POSITION -> POSITION_BYTES;
      case Messages.MOUSE_PRESS, Messages.MOUSE_RELEASE -> 3;
      default -> 0;
    };
  }

  @Override
  SpiceInput read(int message, ByteBuf body) {
    return switch (message) {
      case Messages.KEY_DOWN -> new KeyDown(scancode(body.readIntLE()));
      case Messages.KEY_UP -> new KeyUp(scancode(body.readIntLE()));
      case Messages.KEY_MODIFIERS -> new Modifiers(body.readUnsignedShortLE());
      case Messages.MOUSE_MOTION -> {
        moved();
        yield new MouseMoved(body.readIntLE(), body.readIntLE(), body.readUnsignedShortLE());
      }
      case Messages.MOUSE_POSITION -> {
        moved();
        yield new PointerAt(coordinate(body), coordinate(body), body.readUnsignedShortLE());
      }
      case Messages.MOUSE_PRESS ->
          new ButtonDown(body.readUnsignedByte(), body.readUnsignedShortLE());
      case Messages.MOUSE_RELEASE ->
          new ButtonUp(body.readUnsignedByte(), body.readUnsignedShortLE());
      default -> throw new IllegalStateException("message " + message + " is not handed out");
    };
  }

  private static int coordinate(ByteBuf body) {
    return (int) Math.min(body.readUnsignedIntLE(), MAX_COORDINATE);
  }

  /** Returns the key's number, without the bit that says released. */
  private static int scancode(int bytes) {
    int first = bytes & 0xFF;
    int second = (bytes >> 8) & 0x7F;
    return first == E0 || first == E1 ? (first << 8) | second : first & 0x7F;
  }

  @Override
  void receive(int message, ByteBuf body) {
    // There is nothing else.
  }

  /** Of positions in a row, with the same buttons, the last is the one. */
  @Override
  boolean isSuperseded(int message, ByteBuf in, int body, int next) {
    if (message != Messages.MOUSE_POSITION) {
      return false;
    }
    int header = channel().isMini() ? 0 : Long.BYTES;
    int nextBody =
        next + (channel().isMini() ? SpiceChannel.MINI_HEADER : SpiceChannel.FULL_HEADER);
    boolean superseded =
        in.writerIndex() >= nextBody + POSITION_BYTES
            && in.getUnsignedShortLE(next + header) == Messages.MOUSE_POSITION
            && in.getUnsignedShortLE(nextBody + BUTTONS_OFFSET)
                == in.getUnsignedShortLE(body + BUTTONS_OFFSET);
    if (superseded) {
      moved();
    }
    return superseded;
  }

  private void moved() {
    motions++;
    if (motions == MOTIONS) {
      motions = 0;
      channel().send(Messages.INPUTS_MOUSE_MOTION_ACK, channel().body(0));
      channel().flush();
    }
  }
}
