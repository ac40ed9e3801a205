package io.baton.worker.tls;

import io.baton.worker.channel.Cover;
import io.baton.worker.tls.record.Alert;
import io.baton.worker.tls.record.RecordReader;
import io.baton.worker.tls.record.RecordWriter;
import io.baton.worker.tls.record.Records;
import io.baton.worker.tls.record.TlsException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.ByteArrayInputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
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
 * <p>What it gives another worker:
 *
 * <pre>
 *   u8 kind, 1; u8 1 if the peer has said its last, else 0; u16 length, {@link Records#give};
 *   u8 number of the peer's certificates, of each i32 length, DER;
 *   then part of a record, to the end
 * </pre>
 *
 * <p>Event loop only.
 */
final class RecordsHandler extends ChannelDuplexHandler implements Cover {
  private static final byte KIND = 1;

  /** An alert's or a KeyUpdate's record, in bytes. */
  private static final int SMALL = RecordWriter.OVERHEAD + 5;

  private final Records records;
  private final List<X509Certificate> certificates;
  private final LongConsumer held;

  /** Part of a record. */
  private ByteBuf kept = Unpooled.EMPTY_BUFFER;

  private int booked;

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
   * @param held is told how many bytes more, or fewer, are kept
   */
  RecordsHandler(Records records, List<X509Certificate> certificates, LongConsumer held) {
    this.records = records;
    this.certificates = certificates;
    this.held = held;
  }

  /**
   * Goes on with what another worker has {@linkplain #give given}.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static RecordsHandler resume(ByteBuffer given, LongConsumer held) {
    ByteBuffer from = given.slice().order(ByteOrder.LITTLE_ENDIAN);
    try {
      byte kind = from.get();
      if (kind != KIND) {
        throw new IllegalArgumentException("a cover of kind " + kind);
      }
      boolean ended = from.get() != 0;
      int length = Short.toUnsignedInt(from.getShort());
      Records records = Records.resume(from.slice(from.position(), length));
      from.position(from.position() + length);
      RecordsHandler handler = new RecordsHandler(records, certificates(from), held);
      handler.inputEnded = ended;
      handler.kept = Unpooled.copiedBuffer(from);
      return handler;
    } catch (BufferUnderflowException | IndexOutOfBoundsException | CertificateException _) {
      throw new IllegalArgumentException("not the state of a TLS connection");
    }
  }

  private static List<X509Certificate> certificates(ByteBuffer from) throws CertificateException {
    int count = Byte.toUnsignedInt(from.get());
    List<X509Certificate> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int length = from.getInt();
      byte[] der = new byte[Math.clamp(length, 0, from.remaining())];
      from.get(der);
      all.add(
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(der)));
    }
    return List.copyOf(all);
  }

  /** Returns what the peer has shown in its handshake. */
  List<X509Certificate> certificates() {
    return certificates;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
    book();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    inputEnded = true;
    outputEnded = true;
    drop();
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
    } else if (kept.isReadable()) {
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
    kept = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), kept, in);
    if (begun) {
      open(ctx);
    } else {
      book();
    }
  }

  private void open(ChannelHandlerContext ctx) {
    try {
      records.reader().read(kept, new Inside(ctx));
    } catch (TlsException e) {
      broken(ctx, e);
    }
    keepLittle(ctx.alloc());
  }

  /** A part of a record must not hold a large read's buffer. */
  private void keepLittle(ByteBufAllocator alloc) {
    ByteBuf former = kept;
    if (inputEnded || !former.isReadable()) {
      drop();
      return;
    }
    if (former.readableBytes() < former.capacity() / 2) {
      kept = alloc.buffer(former.readableBytes()).writeBytes(former);
      former.release();
    }
    book();
  }

  private void drop() {
    kept.release();
    kept = Unpooled.EMPTY_BUFFER;
    book();
  }

  private void book() {
    int now = kept.capacity();
    if (now != booked) {
      held.accept(now - booked);
      booked = now;
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
    ByteBuf sealed = ctx.alloc().buffer(size);
    boolean done = false;
    try {
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
    if (updateOwed) {
      flush(through, sealed(through, SMALL, (_, to) -> settleUpdate(to)));
    }
    return records.give().map(state -> encode(state, inputEnded, certificates, kept));
  }

  static ByteBuffer encode(
      ByteBuffer state, boolean inputEnded, List<X509Certificate> certificates, ByteBuf kept) {
    List<byte[]> shown = certificates.stream().map(RecordsHandler::der).toList();
    int size = 3 * Byte.BYTES + Short.BYTES + state.remaining() + kept.readableBytes();
    for (byte[] each : shown) {
      size += Integer.BYTES + each.length;
    }
    ByteBuffer all =
        ByteBuffer.allocate(size)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(KIND)
            .put((byte) (inputEnded ? 1 : 0))
            .putShort((short) state.remaining())
            .put(state)
            .put((byte) shown.size());
    for (byte[] each : shown) {
      all.putInt(each.length).put(each);
    }
    kept.getBytes(kept.readerIndex(), all);
    return all.flip();
  }

  private static byte[] der(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read cannot be written", e);
    }
  }

  @Override
  public void takeBack() {
    records.takeBack();
  }
}
