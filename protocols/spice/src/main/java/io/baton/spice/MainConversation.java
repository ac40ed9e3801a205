package io.baton.spice;

import io.baton.codec.Window;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The main channel, and through it the whole session: the other channels belong to it. */
final class MainConversation extends Conversation implements Conversation.Channels {
  private static final int SERVER_MODE = 1;
  private static final int CLIENT_MODE = 2;

  /** Bytes of {@link Messages#MAIN_INIT}. */
  private static final int INIT_BYTES = 32;

  private final SpiceSettings settings;
  private final Window window;
  private final int sessionId;
  private final boolean isNamed;
  private final Map<ChannelType, Conversation> others = new EnumMap<>(ChannelType.class);
  private int mouseMode = CLIENT_MODE;
  private int pings;
  private @Nullable ScheduledFuture<?> nextPing;

  /**
   * @param isNamed whether the client can be told the server's name
   */
  MainConversation(
      SpiceSettings settings, SpiceChannel channel, Window window, int sessionId, boolean isNamed) {
    super(ChannelType.MAIN, channel);
    this.settings = settings;
    this.window = window;
    this.sessionId = sessionId;
    this.isNamed = isNamed;
  }

  static MainConversation read(
      SpiceSettings settings, SpiceChannel channel, Window window, ByteBuf in) {
    MainConversation main =
        new MainConversation(settings, channel, window, in.readInt(), in.readBoolean());
    main.mouseMode = in.readUnsignedByte();
    main.pings = in.readInt();
    return main;
  }

  @Override
  void save(ByteBuf out) {
    out.writeInt(sessionId).writeBoolean(isNamed).writeByte(mouseMode).writeInt(pings);
  }

  @Override
  Channels channels() {
    return this;
  }

  // ---- the other channels ----

  @Override
  public boolean has(ChannelType type) {
    return type == ChannelType.MAIN || others.containsKey(type);
  }

  @Override
  public void join(Conversation other) {
    others.put(other.type(), other);
  }

  @Override
  public void leave(Conversation other) {
    others.remove(other.type(), other);
  }

  @Override
  public List<Conversation> all() {
    return Stream.concat(Stream.of(this), others.values().stream()).toList();
  }

  @Override
  public void keptChanged() {
    long bytes = 0;
    for (Conversation each : all()) {
      bytes += each.channel().keptBytes();
    }
    if (channel().isAttached()) {
      window.keepsBack((int) Math.min(bytes, Integer.MAX_VALUE));
    }
  }

  @Override
  public void output(SpiceOutput output) {
    if (others.get(ChannelType.DISPLAY) instanceof DisplayConversation display) {
      display.output(output);
    }
  }

  @Override
  public void flush() {
    others.values().forEach(each -> each.channel().flush());
  }

  // ---- pings ----

  /** Pings the client from now on. */
  void pingFrom(ChannelHandlerContext ctx) {
    nextPing =
        ctx.executor()
            .schedule(
                () -> {
                  pingAll();
                  pingFrom(ctx);
                },
                settings.ping().toNanos(),
                TimeUnit.NANOSECONDS);
  }

  /** Says nothing while the session is on its way to another worker, or has much to do. */
  private void pingAll() {
    if (!window.accepts()) {
      return;
    }
    pings++;
    ping(pings);
    others.values().forEach(each -> each.ping(pings));
  }

  void stopPings() {
    ScheduledFuture<?> next = nextPing;
    nextPing = null;
    if (next != null) {
      next.cancel(false);
    }
  }

  // ---- the channel's own words ----

  @Override
  void begin() {
    channel()
        .send(
            Messages.MAIN_INIT,
            channel()
                .body(INIT_BYTES)
                .writeIntLE(sessionId)
                .writeIntLE(1) // displays
                .writeIntLE(SERVER_MODE | CLIENT_MODE)
                .writeIntLE(mouseMode)
                .writeIntLE(0) // no agent
                .writeIntLE(0) // nor tokens for it
                .writeIntLE(multimediaTime())
                .writeIntLE(0)); // no hint of its memory
    if (isNamed && !settings.name().isEmpty()) {
      byte[] name = settings.name().getBytes(StandardCharsets.UTF_8);
      channel()
          .send(
              Messages.MAIN_NAME,
              channel()
                  .body(name.length + 5)
                  .writeIntLE(name.length + 1)
                  .writeBytes(name)
                  .writeByte(0));
    }
    channel().flush();
  }

  /** Returns the clock that sound and video follow, in milliseconds; 0 is not allowed. */
  private static int multimediaTime() {
    return (int) TimeUnit.NANOSECONDS.toMillis(System.nanoTime()) | 1;
  }

  @Override
  boolean handsOut(int message) {
    return false;
  }

  @Override
  int minBody(int message) {
    return message == Messages.MOUSE_MODE_REQUEST ? Short.BYTES : 0;
  }

  @Override
  SpiceInput read(int message, ByteBuf body) {
    throw new IllegalStateException("the main channel hands nothing out");
  }

  @Override
  void receive(int message, ByteBuf body) {
    switch (message) {
      case Messages.ATTACH_CHANNELS -> listChannels();
      case Messages.MOUSE_MODE_REQUEST -> changeMouseMode(body.readUnsignedShortLE());
      default -> {
        // What the client tells of itself changes nothing here.
      }
    }
  }

  private void listChannels() {
    ByteBuf list = channel().body(16).writeIntLE(ChannelType.values().length - 1);
    for (ChannelType each : ChannelType.values()) {
      if (each != ChannelType.MAIN) {
        list.writeByte(each.code()).writeByte(0);
      }
    }
    channel().send(Messages.MAIN_CHANNELS_LIST, list);
    channel().flush();
  }

  private void changeMouseMode(int wanted) {
    if (wanted == SERVER_MODE || wanted == CLIENT_MODE) {
      mouseMode = wanted;
    }
    channel()
        .send(
            Messages.MAIN_MOUSE_MODE,
            channel().body(4).writeShortLE(SERVER_MODE | CLIENT_MODE).writeShortLE(mouseMode));
    channel().flush();
  }
}
