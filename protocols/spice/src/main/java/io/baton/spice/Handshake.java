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
 *   LINK ──link message──► reply with the public key ──► TICKET
 *   TICKET ──selection, ticket──► right? ──► main: result OK, a new session; else: looks for its session
 *   the session is here ──► result OK ──► joins it
 *   ... in another worker ──► KNOWN there ──► looks for its session
 *   any ──mistake──► the protocol's code ──► OVER
 * </pre>
 *
 * <p>The session is looked for behind the ticket: only a client that knows the password is told
 * whether there is one, and a session that has moved since the link message is found where it is.
 */
final class Handshake {
  /** What the client says if it chooses its way to authenticate: by a ticket. */
  private static final int BY_TICKET = 1;

  /** Bytes of a link reply without capabilities. */
  private static final int REPLY_BYTES = 178;

  private enum Stage {
    LINK,
    TICKET,
    /** Another worker has checked the ticket. */
    KNOWN,
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
  private Stage stage;
  private @Nullable LinkMessage link;

  /**
   * @param known whether another worker has checked the ticket; the link message is read again
   */
  Handshake(SpiceSettings settings, TicketKey key, CodecContext context, boolean known) {
    this.settings = settings;
    this.key = key;
    this.context = context;
    this.stage = known ? Stage.KNOWN : Stage.LINK;
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
    if (stage == Stage.LINK) {
      link(in, ctx);
    }
    return switch (stage) {
      case LINK -> null;
      case TICKET -> ticket(in, ctx);
      case KNOWN -> known(in, ctx);
      case OVER -> {
        in.skipBytes(in.readableBytes());
        yield null;
      }
    };
  }

  // ---- the link message ----

  private void link(ByteBuf in, ChannelHandlerContext ctx) {
    switch (LinkMessage.read(in)) {
      case LinkMessage.Incomplete _ -> {}
      case LinkMessage.Malformed(LinkError error) -> refuse(error, ctx);
      case LinkMessage.Whole(LinkMessage message) -> {
        link = message;
        reply(LinkError.OK, key.encoded(), ctx);
        stage = Stage.TICKET;
      }
    }
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
    boolean isMain = message.channelType() == ChannelType.MAIN.code();
    if (isMain != (message.connectionId() == 0)) {
      refuse(LinkError.BAD_CONNECTION_ID, ctx);
      return null;
    }
    return isMain ? begin(ctx) : meet(message, in, ctx);
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

  // ---- the session of a further channel ----

  private @Nullable Outcome known(ByteBuf in, ChannelHandlerContext ctx) {
    return LinkMessage.read(in) instanceof LinkMessage.Whole(LinkMessage message)
        ? meet(message, in, ctx)
        : null;
  }

  private @Nullable Outcome meet(LinkMessage message, ByteBuf in, ChannelHandlerContext ctx) {
    SessionKey session = SessionKey.ofShort(message.connectionId());
    return switch (context.meet(session, SpiceForm.ofKnown(message, in))) {
      case Meeting.Here(Flow flow) -> join(flow, message, in, ctx);
      case Meeting.Elsewhere _ -> new Gone();
      case Meeting.Nowhere _ -> {
        refuse(LinkError.BAD_CONNECTION_ID, ctx);
        yield null;
      }
      case Meeting.Later _ -> {
        refuse(LinkError.ERROR, ctx);
        yield null;
      }
    };
  }

  private @Nullable Outcome join(
      Flow session, LinkMessage message, ByteBuf in, ChannelHandlerContext ctx) {
    Optional<ChannelType> type = ChannelType.of(message.channelType());
    Conversation.Channels channels =
        session instanceof Conversation.Part its ? its.channels() : null;
    if (channels == null) {
      refuse(LinkError.ERROR, ctx); // it speaks something else
    } else if (type.isEmpty() || message.channelId() != 0 || channels.has(type.get())) {
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
      case TICKET, KNOWN -> result(error, ctx);
      case OVER -> {
        // It was told.
      }
    }
  }
}
