package io.baton.spice;

import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Meeting;
import io.baton.service.SessionKey;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The link of one connection, up to its channel's first message. Event loop only.
 *
 * <pre>
 *   LINK ──link message──► meets the session ──► reply with the public key ──► TICKET
 *   TICKET ──selection, ticket──► right? ──► result OK ──► main: a new session; else: joins it
 *   any ──mistake──► the protocol's code ──► OVER
 * </pre>
 *
 * <p>The session has to be looked for before anything is written, and is told of to clients that
 * know the password only: that there is none comes out with the result.
 */
final class Handshake {
  /** What the client says if it chooses its way to authenticate: by a ticket. */
  private static final int BY_TICKET = 1;

  /** Bytes of a link reply without capabilities. */
  private static final int REPLY_BYTES = 178;

  private enum Stage {
    LINK,
    TICKET,
    OVER
  }

  /** What comes of the connection. */
  sealed interface Outcome {}

  /** It is the first of a new session. */
  record Began(MainConversation main) implements Outcome {}

  /** It joins a session: nothing is done here any more. */
  record Gone() implements Outcome {}

  private final SpiceSettings settings;
  private final TicketKey key;
  private final CodecContext context;
  private Stage stage = Stage.LINK;
  private @Nullable LinkMessage link;

  /** What a right ticket is answered with. */
  private LinkError found = LinkError.OK;

  Handshake(SpiceSettings settings, TicketKey key, CodecContext context) {
    this.settings = settings;
    this.key = key;
    this.context = context;
  }

  /** Returns whether nothing was written yet. */
  boolean isUnanswered() {
    return stage == Stage.LINK;
  }

  /**
   * Reads as much as there is.
   *
   * @return null if more has to arrive, or the link has failed
   */
  @Nullable Outcome read(ByteBuf in, ChannelHandlerContext ctx) {
    if (stage == Stage.LINK && !link(in, ctx)) {
      return new Gone();
    }
    if (stage == Stage.TICKET) {
      return ticket(in, ctx);
    }
    if (stage == Stage.OVER) {
      in.skipBytes(in.readableBytes());
    }
    return null;
  }

  // ---- the link message ----

  /** Returns false if the connection has gone to another worker. */
  private boolean link(ByteBuf in, ChannelHandlerContext ctx) {
    ByteBuf all = in.duplicate();
    return switch (LinkMessage.read(in)) {
      case LinkMessage.Incomplete _ -> true;
      case LinkMessage.Malformed(LinkError error) -> {
        refuse(error, ctx);
        yield true;
      }
      case LinkMessage.Whole(LinkMessage message) -> {
        link = message;
        boolean stays = finds(message, all);
        if (stays) {
          reply(LinkError.OK, key.encoded(), ctx);
          stage = Stage.TICKET;
        }
        yield stays;
      }
    };
  }

  private boolean finds(LinkMessage message, ByteBuf all) {
    boolean isMain = message.channelType() == ChannelType.MAIN.code();
    if (isMain || message.connectionId() == 0) {
      found = isMain == (message.connectionId() == 0) ? LinkError.OK : LinkError.BAD_CONNECTION_ID;
      return true;
    }
    return switch (context.meet(SessionKey.ofShort(message.connectionId()), all)) {
      case Meeting.Here _ -> {
        found = LinkError.OK;
        yield true;
      }
      case Meeting.Nowhere _ -> {
        found = LinkError.BAD_CONNECTION_ID;
        yield true;
      }
      case Meeting.Later _ -> {
        found = LinkError.ERROR;
        yield true;
      }
      case Meeting.Elsewhere _ -> false;
    };
  }

  private static void reply(LinkError error, byte[] publicKey, ChannelHandlerContext ctx) {
    boolean ok = error == LinkError.OK;
    int words = ok ? 1 : 0;
    ByteBuf reply = ctx.alloc().buffer(LinkMessage.HEADER + REPLY_BYTES + 2 * Integer.BYTES);
    reply
        .writeIntLE(LinkMessage.MAGIC)
        .writeIntLE(LinkMessage.MAJOR)
        .writeIntLE(LinkMessage.MINOR)
        .writeIntLE(REPLY_BYTES + 2 * words * Integer.BYTES)
        .writeIntLE(error.code());
    if (ok) {
      reply.writeBytes(publicKey);
    } else {
      reply.writeZero(TicketKey.PUBLIC_BYTES);
    }
    reply.writeIntLE(words).writeIntLE(words).writeIntLE(REPLY_BYTES);
    if (ok) {
      reply.writeIntLE(Capabilities.COMMON).writeIntLE(0); // the channels have none of their own
    }
    var _ = ctx.writeAndFlush(reply);
  }

  // ---- the ticket ----

  private @Nullable Outcome ticket(ByteBuf in, ChannelHandlerContext ctx) {
    LinkMessage message = linkOrThrow();
    int selection =
        Capabilities.has(message.commonCaps(), Capabilities.AUTH_SELECTION) ? Integer.BYTES : 0;
    if (selection > 0
        && in.readableBytes() >= selection
        && in.getIntLE(in.readerIndex()) != BY_TICKET) {
      refuse(LinkError.INVALID_DATA, ctx);
      return null;
    }
    if (in.readableBytes() < selection + TicketKey.TICKET_BYTES) {
      return null;
    }
    in.skipBytes(selection);
    byte[] ticket = new byte[TicketKey.TICKET_BYTES];
    in.readBytes(ticket);
    if (!key.opens(ticket, settings.password())) {
      refuse(LinkError.PERMISSION_DENIED, ctx);
      return null;
    }
    if (found != LinkError.OK) {
      refuse(found, ctx);
      return null;
    }
    return message.channelType() == ChannelType.MAIN.code() ? begin(ctx) : join(in, ctx);
  }

  private LinkMessage linkOrThrow() {
    if (link == null) {
      throw new IllegalStateException("a ticket without a link message");
    }
    return link;
  }

  private Outcome begin(ChannelHandlerContext ctx) {
    LinkMessage message = linkOrThrow();
    SessionKey session = context.claimShort(); // throws if the client is beyond a limit
    stage = Stage.OVER;
    result(LinkError.OK, ctx);
    return new Began(
        new MainConversation(
            settings,
            new SpiceChannel(Capabilities.has(message.commonCaps(), Capabilities.MINI_HEADER)),
            context.window(),
            session.shortId(),
            Capabilities.has(message.channelCaps(), Capabilities.MAIN_NAME_AND_UUID)));
  }

  private @Nullable Outcome join(ByteBuf in, ChannelHandlerContext ctx) {
    LinkMessage message = linkOrThrow();
    Optional<ChannelType> type = ChannelType.of(message.channelType());
    MainConversation main = main(context.met());
    if (main == null) {
      refuse(LinkError.ERROR, ctx); // it is moving, or has ended
    } else if (type.isEmpty() || message.channelId() != 0 || main.has(type.get())) {
      refuse(LinkError.CHANNEL_NOT_AVAILABLE, ctx);
    } else {
      stage = Stage.OVER;
      result(LinkError.OK, ctx);
      context.accompany(
          SpiceForm.ofNew(
              type.get(),
              Capabilities.has(message.commonCaps(), Capabilities.MINI_HEADER),
              message.channelCaps(),
              in));
      return new Gone();
    }
    return null;
  }

  private static @Nullable MainConversation main(Optional<Flow> met) {
    return met.isPresent() && met.get() instanceof SpiceFlow flow ? flow.main() : null;
  }

  private static void result(LinkError error, ChannelHandlerContext ctx) {
    var _ = ctx.writeAndFlush(ctx.alloc().buffer(Integer.BYTES).writeIntLE(error.code()));
  }

  /** Says that the link has failed and why, in the form that the client waits for. */
  private void refuse(LinkError error, ChannelHandlerContext ctx) {
    sayRefused(error, ctx);
    context.window().end(error.reason());
  }

  /** As the last word of a connection that ends for another reason. */
  void sayRefused(LinkError error, ChannelHandlerContext ctx) {
    Stage before = stage;
    stage = Stage.OVER;
    switch (before) {
      case LINK -> reply(error, new byte[0], ctx);
      case TICKET -> result(error, ctx);
      case OVER -> {
        // It was told.
      }
    }
  }
}
