package io.baton.worker.codec.http;

import io.baton.service.CloseReason;
import io.baton.worker.codec.Flow;
import io.baton.worker.codec.Saved;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Optional;

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
      case ERROR -> {
        // Once a response has begun there is no place left for another status.
        if (exchange.phase() == Exchange.Phase.ASKED) {
          exchange.closeAfter(CloseReason.ERROR);
          assembler.reply(HttpResponseStatus.INTERNAL_SERVER_ERROR);
        }
      }
      case CLIENT, SERVICE, PROTOCOL, TIMEOUT, LIMIT, UPGRADED, MOVED, SHUTDOWN -> {
        // Nothing to say: the client left, got its last answer, or was told what it did wrong.
      }
    }
  }

  @Override
  public void drain() {
    exchange.drain();
  }

  @Override
  public Optional<Saved> save() {
    return Optional.empty();
  }

  @Override
  public Phase phase() {
    return switch (exchange.phase()) {
      case IDLE -> decoder.atBoundary() ? Phase.IDLE : Phase.HEAD;
      case RECEIVING -> Phase.BODY;
      case ASKED, ANSWERING -> Phase.ANSWER;
    };
  }
}
