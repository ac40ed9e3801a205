package io.baton.worker.codec.websocket;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The first message of the server to a client that has offered {@code baton.resume}, a text: {@code
 * {"baton.resume":"KEY.TOKEN","resumed":false,"awaits":30}}.
 *
 * @param ticket with which the client can come back; null if it cannot
 * @param resumed whether this is a session that the client had before
 * @param awaits for how long the session waits for its client, said in seconds
 */
record Welcome(@Nullable String ticket, boolean resumed, Duration awaits) {

  ByteBuf text() {
    return Unpooled.copiedBuffer(json(), US_ASCII);
  }

  String json() {
    BigDecimal seconds = BigDecimal.valueOf(awaits.toMillis(), 3).stripTrailingZeros();
    return "{\"%s\":%s,\"resumed\":%s,\"awaits\":%s}"
        .formatted(
            ResumeOffer.NAME,
            ticket == null ? "null" : '"' + ticket + '"',
            resumed,
            seconds.toPlainString());
  }

  /** Returns it as a frame on the wire. */
  ByteBuf frame() {
    ByteBuf text = text();
    ByteBuf frame = Unpooled.buffer(FrameHeader.MAX_WRITTEN + text.readableBytes());
    FrameHeader.write(frame, FrameHeader.FIN | FrameHeader.TEXT, text.readableBytes());
    frame.writeBytes(text);
    text.release();
    return frame;
  }
}
