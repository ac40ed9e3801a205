package io.baton.worker.codec;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Protocol;
import io.baton.codec.ProtocolSwitchEvent;
import io.baton.codec.Saved;
import io.baton.codec.TryAgainLaterException;
import io.baton.codec.Window;
import io.baton.service.CloseReason;
import io.baton.worker.codec.CutAnywhere.Answering;
import io.baton.worker.codec.CutAnywhere.Outcome;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.FileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The runtime's part of one session, as small as it can be: a codec in a pipeline, its window, and
 * a service that is done with a message at once. Moves to a fresh pipeline when told to.
 */
public final class CodecHarness implements AutoCloseable {
  private final Answering service;
  private final List<String> messages = new ArrayList<>();
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private @Nullable CloseReason end;
  private boolean busy;
  private boolean admitting = true;
  private int held;
  private Place place;

  public CodecHarness(Codec<?, ?> codec, Answering service) {
    this.service = service;
    this.place = new Place(codec, null);
  }

  /** One read's bytes; taken over. */
  public void read(ByteBuf bytes) {
    if (end != null || !bytes.isReadable()) {
      bytes.release();
      return;
    }
    place.channel.writeInbound(bytes);
    collect();
  }

  /** Keeps the window shut, as a service with much to do does, or lets it open again. */
  public void busy(boolean is) {
    busy = is;
    place.changed();
    collect();
  }

  /**
   * Goes on in a fresh pipeline.
   *
   * @return false if it cannot move now
   */
  public boolean move() {
    return move(place.codec);
  }

  /** Goes on in a fresh pipeline of another object of the same codec. */
  public boolean move(Codec<?, ?> codec) {
    if (end != null || place.shut) {
      return false;
    }
    Optional<Saved> saved = place.flow.save();
    saved.ifPresent(state -> {
      place.close();
      place = new Place(codec, state);
      read(Unpooled.copiedBuffer(state.unread()));
    });
    return saved.isPresent();
  }

  /** Whether there is memory for messages that begin from now on. */
  public void admitting(boolean is) {
    admitting = is;
  }

  /** How many bytes the codec says that it holds. */
  public int held() {
    return held;
  }

  /** The client ends its side. */
  public Outcome finish() {
    if (end == null) {
      place.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
    busy(false);
    return outcome();
  }

  /** What has happened up to now. */
  public Outcome outcome() {
    return new Outcome(messages, output.toString(StandardCharsets.ISO_8859_1), end);
  }

  public Flow flow() {
    return place.flow;
  }

  /** The runtime ends the session. */
  public void end(CloseReason why) {
    place.end(why);
    collect();
  }

  /** The service sends of its own accord. */
  public void send(Object message) {
    var _ = place.channel.write(message);
    collect();
  }

  /** The client takes nothing, or goes on doing so. */
  public void writable(boolean is) {
    place.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, is);
    collect();
  }

  @Override
  public void close() {
    place.close();
  }

  private void collect() {
    place.channel.runPendingTasks();
    place.channel.flush();
    for (Object out; (out = place.channel.readOutbound()) != null; ) {
      try {
        switch (out) {
          case ByteBuf bytes -> bytes.readBytes(output, bytes.readableBytes());
          case FileRegion file -> file.transferTo(Channels.newChannel(output), 0);
          default -> throw new AssertionError("no bytes: " + out);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        ReferenceCountUtil.release(out);
      }
    }
    place.channel.checkException();
  }

  /** One pipeline. Sharable: another protocol's handlers go in front of it. */
  @Sharable
  private final class Place extends ChannelInboundHandlerAdapter implements Window {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private Codec<?, ?> codec;
    private Flow flow;
    private boolean shut;
    private boolean wanted;
    private boolean inputEnded;
    private int handingOut;

    Place(Codec<?, ?> codec, @Nullable Saved saved) {
      this.codec = codec;
      this.flow = codec.install(CodecContext.of(channel.pipeline(), this, saved));
      channel.pipeline().addLast(this);
    }

    void close() {
      channel.finishAndReleaseAll();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (end != null) {
        ReferenceCountUtil.release(msg);
        return;
      }
      handingOut++;
      try {
        messages.add(service.received(msg, this::answer));
      } finally {
        handingOut--;
        ReferenceCountUtil.release(msg);
      }
    }

    private void answer(Object message) {
      var _ = channel.write(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
      switch (evt) {
        case ChannelInputShutdownEvent _ -> {
          inputEnded = true;
          changed();
        }
        case ProtocolSwitchEvent(var next, var unread) -> become(next, unread);
        default -> {
          // Not for us.
        }
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (cause instanceof TryAgainLaterException) {
        end(CloseReason.LIMIT);
      } else if (cause instanceof DecoderException) {
        end(CloseReason.PROTOCOL);
      } else {
        ctx.fireExceptionCaught(cause);
      }
    }

    @Override
    public boolean open() {
      wanted = !couldOpen();
      return !wanted;
    }

    private boolean couldOpen() {
      return end == null && !busy && !shut;
    }

    @Override
    public boolean quiet() {
      return handingOut == 0 && !shut;
    }

    @Override
    public void shut() {
      shut = true;
    }

    @Override
    public void reopen() {
      shut = false;
      changed();
    }

    void changed() {
      if (handingOut > 0) {
        return;
      }
      while (wanted && couldOpen()) {
        wanted = false;
        handingOut++;
        flow.resume();
        handingOut--;
      }
      if (inputEnded && !shut && !busy) {
        end(CloseReason.CLIENT);
      }
    }

    private void become(Protocol<?, ?> next, ByteBuf unread) {
      channel.pipeline().remove(this);
      codec = next.codec();
      flow = codec.install(CodecContext.of(channel.pipeline(), this, null));
      channel.pipeline().addLast(this);
      shut = false;
      wanted = false;
      channel.writeInbound(unread);
    }

    @Override
    public boolean admits(long bytes) {
      return admitting;
    }

    @Override
    public void holds(int bytes) {
      held = bytes;
    }

    @Override
    public void end(CloseReason why) {
      if (end == null) {
        end = why;
        flow.goodbye(why);
      }
    }
  }
}
