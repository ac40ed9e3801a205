package io.baton.worker.codec.line;

import io.baton.codec.ByteCodec;
import io.baton.codec.Flow.Phase;
import io.baton.codec.Window;
import io.baton.codec.WindowedDecoder;
import io.netty.channel.ChannelHandler;
import java.util.Optional;

/**
 * Lines of text in UTF-8, as one types them into a terminal. A line received ends with LF or CR LF,
 * which are not part of the message; to a line sent LF is appended.
 *
 * <p>A line that is too long, or not UTF-8, ends the session with {@code PROTOCOL}. What the client
 * sent behind its last LF is not a line and not handed out: half a command must not be obeyed.
 *
 * <p>A session can move at any time.
 */
public final class LineCodec extends ByteCodec<String, String> {
  private static final int WINDOW = 64;

  private final int maxLine;

  /**
   * @param maxLine the longest line received, in bytes without its end
   */
  public LineCodec(int maxLine) {
    super("line", 1, String.class, String.class, WINDOW, Phase.HEAD);
    this.maxLine = maxLine;
  }

  @Override
  protected WindowedDecoder decoder(Window window) {
    return new LineDecoder(window, maxLine);
  }

  @Override
  protected Optional<ChannelHandler> encoder() {
    return Optional.of(LineEncoder.INSTANCE);
  }
}
