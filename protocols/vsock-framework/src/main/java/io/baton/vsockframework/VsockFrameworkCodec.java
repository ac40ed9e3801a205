package io.baton.vsockframework;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import java.util.function.LongSupplier;

/**
 * The codec of the vsock message framework, server side. docs/PROTOCOLS.md has the bytes.
 *
 * <p>It answers questions for the clock itself, with {@link System#nanoTime}, which is Linux's
 * CLOCK_MONOTONIC; services see neither these nor their answers. A session ends with {@link
 * io.baton.service.CloseReason#PROTOCOL} if its client sends a length that is negative or above the
 * bound. Types and bodies are the service's matter: {@link RecordServices}. A session can be saved
 * at any byte.
 */
public final class VsockFrameworkCodec implements Codec<FrameworkMessage, FrameworkMessage> {
  /** The name by which listeners usually know this codec, and which it saves sessions under. */
  public static final String NAME = "vsock-framework";

  static final int VERSION = 1;
  private static final int WINDOW = 64;

  private final FrameFormat format;
  private final FrameworkEncoder encoder;
  private final MessageTypes types;
  private final LongSupplier clock;

  /** Makes a codec for a module's {@link io.baton.codec.CodecModule#codecs}. */
  public VsockFrameworkCodec(VsockFrameworkSettings settings) {
    this(settings, System::nanoTime);
  }

  VsockFrameworkCodec(VsockFrameworkSettings settings, LongSupplier clock) {
    format = new FrameFormat(settings.small(), settings.maxMessage(), settings.clockType());
    encoder = new FrameworkEncoder(format);
    types = settings.types();
    this.clock = clock;
  }

  @Override
  public Class<FrameworkMessage> in() {
    return FrameworkMessage.class;
  }

  @Override
  public Class<FrameworkMessage> out() {
    return FrameworkMessage.class;
  }

  @Override
  public int window() {
    return WINDOW;
  }

  @Override
  public Flow install(CodecContext context) {
    context.saved().ifPresent(saved -> saved.require(NAME, VERSION));
    ReadAheadWindow window = new ReadAheadWindow(context.window());
    ClockAnswers answers = new ClockAnswers(format, window, clock);
    FrameworkDecoder decoder = new FrameworkDecoder(window, format, types);
    context.pipeline().addLast(encoder, answers, decoder);
    return new FrameworkFlow(answers, decoder, format.maxMessage());
  }
}
