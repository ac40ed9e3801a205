package io.baton.worker.tls;

import io.baton.worker.channel.Cover;
import io.baton.worker.tls.record.Alert;
import io.baton.worker.tls.record.RecordReader;
import io.baton.worker.tls.record.RecordWriter;
import io.baton.worker.tls.record.Records;
import io.baton.worker.tls.record.TlsException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The records of one connection of TLS 1.3, between its channel, which has the bytes of the wire,
 * and its codec, which has those inside.
 *
 * <p>A record that is not as it should be breaks the connection: the peer is told by an alert, and
 * the session learns of it as of any connection that breaks.
 *
 * <p>Event loop only.
 */
final class RecordsHandler extends ChannelDuplexHandler implements Cover {
  /** An alert's or a KeyUpdate's record, in bytes. */
  private static final int SMALL = RecordWriter.OVERHEAD + 5;

  private final Records records;
  private final List<X509Certificate> certificates;
  private final KeptBytes kept;

  /** Records that go before all others, with the first of them. */
  private final KeptBytes first;

  private boolean begun;

  /** The peer wants our key to be updated before we send anything else. */
  private boolean updateOwed;

  /** The peer has said its last, or has broken the protocol. */
  private boolean inputEnded;

  /** We have said our last, or the peer will not hear it. */
  private boolean outputEnded;

  private @Nullable ChannelHandlerContext ctx;

  /**
   * @param certificates that the peer has shown
   * @param first records that are sealed already and go before all others, which become its own
   * @param held is told how many bytes more, or fewer, are kept
   */
  RecordsHandler(
      Records records, List<X509Certificate> certificates, ByteBuf first, LongConsumer held) {
    this(records, certificates, new KeptBytes(held, first), new KeptBytes(held));
  }

  private RecordsHandler(
      Records records, List<X509Certificate> certificates, KeptBytes first, KeptBytes kept) {
    this.records = records;
    this.certificates = certificates;
    this.first = first;
    this.kept = kept;
  }

  /**
   * Goes on with what another worker has {@linkplain #give given}.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static RecordsHandler resume(ByteBuffer given, LongConsumer held) {
    GivenRecords its = GivenRecords.decode(given);
    RecordsHandler handler =
        new RecordsHandler(
            Records.resume(its.records()),
            its.certificates(),
            new KeptBytes(held),
            new KeptBytes(held, its.kept()));
    handler.inputEnded = its.inputEnded();
    return handler;
  }

  /** Returns what the peer has shown in its handshake. */
  List<X509Certificate> certificates() {
    return certificates;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
    first.book();
    kept.book();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    inputEnded = true;
    outputEnded = true;
    first.release();
    kept.release();
    records.wipe();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    begin(ctx);
  }

  /** The connection begins for those behind; what comes before is kept. */
  void begin() {
    ChannelHandlerContext begins = ctx;
    if (begins != null) {
      begin(begins);
    }
  }

  private void begin(ChannelHandlerContext ctx) {
    begun = true;
    ctx.fireChannelActive();
    if (inputEnded) {
      ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    } else if (kept.bytes().isReadable()) {
      open(ctx);
      ctx.fireChannelReadComplete();
    }
  }

  // ---- what comes ----

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf in = (ByteBuf) msg;
    if (inputEnded) {
      in.release(); // nothing may follow
      return;
    }
    kept.add(ctx.alloc(), in);
    if (begun) {
      open(ctx);
    } else {
      kept.book();
    }
  }

  private void open(ChannelHandlerContext ctx) {
    try {
      records.reader().read(kept.bytes(), new Inside(ctx));
    } catch (TlsException e) {
      broken(ctx, e);
    }
    if (inputEnded) {
      kept.release();
    } else {
      kept.settle(ctx.alloc());
    }
  }

  private void broken(ChannelHandlerContext ctx, TlsException why) {
    inputEnded = true;
    if (why.alert() == Alert.CLOSE_NOTIFY) {
      outputEnded = true; // it was the peer who ended it
    } else {
      last(ctx, why.alert());
    }
    ctx.fireExceptionCaught(why);
  }

  /** What is inside goes on to the codec. */
  private final class Inside implements RecordReader.Sink {
    private final ChannelHandlerContext ctx;

    Inside(ChannelHandlerContext ctx) {
      this.ctx = ctx;
    }

    @Override
    public void content(ByteBuf content) {
      ctx.fireChannelRead(content);
    }

    @Override
    public void keyUpdateRequested() {
      updateOwed = true;
    }

    @Override
    public void closed() {
      inputEnded = true;
      ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
    if (!(evt instanceof ChannelInputShutdownEvent)) {
      ctx.fireUserEventTriggered(evt);
    } else if (!inputEnded) { // else it is no news
      inputEnded = true;
      ctx.fireUserEventTriggered(evt);
    }
  }

  // ---- what goes ----

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    ByteBuf content = (ByteBuf) msg;
    try {
      if (outputEnded) {
        promise.setFailure(new IllegalStateException("behind the last record"));
        return;
      }
      if (!content.isReadable()) {
        var _ = ctx.write(Unpooled.EMPTY_BUFFER, promise);
        return;
      }
      int size = size(content.readableBytes());
      ByteBuf sealed =
          sealed(
              ctx,
              size,
              (writer, to) -> {
                settleUpdate(to);
                writer.write(content, to);
              });
      var _ = ctx.write(sealed, promise);
    } finally {
      content.release();
    }
  }

  /** Puts records into a buffer. */
  private interface Sealing {
    void seal(RecordWriter writer, ByteBuf to);
  }

  private ByteBuf sealed(ChannelHandlerContext ctx, int size, Sealing sealing) {
    ByteBuf sealed = ctx.alloc().buffer(first.bytes().readableBytes() + size);
    boolean done = false;
    try {
      if (first.bytes().isReadable()) {
        sealed.writeBytes(first.bytes());
        first.release();
      }
      sealing.seal(records.writer(), sealed);
      done = true;
      return sealed;
    } finally {
      if (!done) {
        sealed.release();
      }
    }
  }

  private static void flush(ChannelHandlerContext ctx, ByteBuf sealed) {
    var _ = ctx.writeAndFlush(sealed, ctx.voidPromise());
  }

  private static int size(int length) {
    int more = (length - 1) / RecordWriter.MAX_CONTENT + 1;
    return length + more * RecordWriter.OVERHEAD;
  }

  private void settleUpdate(ByteBuf to) {
    if (updateOwed) {
      updateOwed = false;
      records.writer().updateKey(false, to);
    }
  }

  @Override
  public void closeNotify() {
    ChannelHandlerContext to = ctx;
    if (to != null && !to.isRemoved()) {
      last(to, Alert.CLOSE_NOTIFY);
    }
  }

  private void last(ChannelHandlerContext ctx, Alert alert) {
    if (!outputEnded) {
      outputEnded = true;
      flush(ctx, sealed(ctx, SMALL, (writer, to) -> writer.alert(alert, to)));
    }
  }

  // ---- moving ----

  @Override
  public @Nullable String whyItStays() {
    return null;
  }

  @Override
  public Optional<ByteBuffer> give() {
    ChannelHandlerContext through = ctx;
    if (outputEnded || through == null || through.isRemoved()) {
      return Optional.empty();
    }
    if (updateOwed || first.bytes().isReadable()) {
      flush(through, sealed(through, SMALL, (_, to) -> settleUpdate(to)));
    }
    return records.give().map(this::with);
  }

  private ByteBuffer with(ByteBuffer state) {
    return new GivenRecords(state, inputEnded, certificates, kept.bytes()).encode();
  }

  @Override
  public void takeBack() {
    records.takeBack();
  }
}
