package io.baton.worker.codec.line;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Flow.Phase;

/**
 * Lines of text in UTF-8, as one types them into a terminal. A line received ends with LF or CR LF,
 * which are not part of the message; to a line sent LF is appended.
 *
 * <p>A line that is too long, or not UTF-8, ends the session with {@code PROTOCOL}. What the client
 * sent behind its last LF is no line and not handed out: half a command must not be obeyed.
 *
 * <p>Can move at any time.
 */
public final class LineCodec implements Codec<String, String> {
  private static final String NAME = "line";
  private static final int VERSION = 1;
  private static final int WINDOW = 64;

  private final int maxLine;

  /**
   * @param maxLine bytes of a line, its end not counted
   */
  public LineCodec(int maxLine) {
    this.maxLine = maxLine;
  }

  @Override
  public Class<String> in() {
    return String.class;
  }

  @Override
  public Class<String> out() {
    return String.class;
  }

  @Override
  public int window() {
    return WINDOW;
  }

  @Override
  public Flow install(CodecContext context) {
    context.saved().ifPresent(saved -> saved.require(NAME, VERSION));
    LineDecoder decoder = new LineDecoder(context.window(), maxLine);
    context.pipeline().addLast(LineEncoder.INSTANCE, decoder);
    return decoder.flow(NAME, VERSION, Phase.HEAD);
  }
}
