package io.baton.worker.codec.http;

import io.baton.service.CloseReason;
import io.baton.worker.codec.Flow;
import io.netty.handler.codec.http.HttpResponseStatus;

/** An HTTP connection as the runtime steers it. */
final class HttpFlow implements Flow {
  private final Exchange exchange;
  private final RequestDecoder decoder;
  private final RequestAssembler assembler;

  HttpFlow(Exchange exchange, RequestDecoder decoder, RequestAssembler assembler) {
    this.exchange = exchange;
    this.decoder = decoder;
    this.assembler = assembler;
  }

  @Override
  public void resume() {
    decoder.resume();
  }

  @Override
  public void goodbye(CloseReason why) {
    switch (why) {
      case SHUTDOWN -> exchange.drain();
      case ERROR -> {
        // Once a response has begun there is no place left for another status.
        if (exchange.phase() == Exchange.Phase.ASKED) {
          exchange.closeAfter(CloseReason.ERROR);
          assembler.reply(HttpResponseStatus.INTERNAL_SERVER_ERROR);
        }
      }
      case CLIENT, SERVICE, PROTOCOL -> {
        // Nothing to say: the client left, got its last answer, or was told what it did wrong.
      }
    }
  }

  @Override
  public boolean idle() {
    return exchange.phase() == Exchange.Phase.IDLE && decoder.atBoundary();
  }
}
