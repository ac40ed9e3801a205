package io.baton.worker.codec.http;

import io.baton.config.Settings;
import io.baton.worker.codec.Codec;
import io.baton.worker.codec.Flow;
import io.baton.worker.codec.Saved;
import io.baton.worker.codec.Window;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.0 and 1.1 (RFC 9112). A service receives whole requests, one at a time, and sends one
 * response to each: either a {@link io.netty.handler.codec.http.FullHttpResponse} or, to stream it,
 * a {@link io.netty.handler.codec.http.HttpResponse}, contents, and a {@link
 * io.netty.handler.codec.http.LastHttpContent}. A pipelined request waits, as bytes, until the one
 * before it is answered.
 *
 * <p>The codec completes the response's headers (Content-Length or Transfer-Encoding, Connection,
 * Date, Server), so a response object is sent once only.
 *
 * <pre>
 *  bytes ─► RequestDecoder ─────────────────────► RequestAssembler ─► service
 *  bytes ◄───────────── ResponseEncoder ◄─ ResponseFinisher ◄──────── service
 *                              └──── all share one Exchange ────┘
 * </pre>
 */
public final class HttpCodec implements Codec<FullHttpRequest, HttpObject> {
  private static final int MAX_PIECE = 64 * 1024;

  private final Settings.Http bounds;
  private final HttpDate date;

  public HttpCodec(Settings.Http bounds, InstantSource clock) {
    this.bounds = bounds;
    this.date = new HttpDate(clock);
  }

  @Override
  public Class<FullHttpRequest> in() {
    return FullHttpRequest.class;
  }

  @Override
  public Class<HttpObject> out() {
    return HttpObject.class;
  }

  @Override
  public int window() {
    return 1;
  }

  @Override
  public boolean clientsTurn() {
    return true;
  }

  @Override
  public Flow install(ChannelPipeline pipeline, Window window, @Nullable Saved saved) {
    HttpDecoderConfig config =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(bounds.maxRequestLine())
            .setMaxHeaderSize(bounds.maxHeader())
            .setMaxChunkSize(MAX_PIECE);
    Exchange exchange = new Exchange();
    RequestDecoder decoder = new RequestDecoder(config, window);
    RequestAssembler assembler = new RequestAssembler(exchange, window, bounds.maxContent());
    pipeline.addLast(
        decoder,
        new ResponseEncoder(exchange),
        new ResponseFinisher(exchange, window, decoder, date),
        assembler);
    return new HttpFlow(exchange, decoder, assembler);
  }
}
