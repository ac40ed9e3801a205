package io.baton.worker.codec.http;

import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.codec.http.PlainResponse;
import io.baton.service.CloseReason;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Objects;
import java.util.Optional;

/** An HTTP connection as the runtime steers it. */
final class HttpFlow implements Flow {
  private final Exchange exchange;
  private final RequestDecoder decoder;

  HttpFlow(Exchange exchange, RequestDecoder decoder) {
    this.exchange = exchange;
    this.decoder = decoder;
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
          decoder.last(PlainResponse.of(HttpResponseStatus.INTERNAL_SERVER_ERROR), why);
        }
      }
      case TIMEOUT -> {
        switch (phase()) {
          case HEAD, BODY ->
              decoder.last(PlainResponse.of(HttpResponseStatus.REQUEST_TIMEOUT), why);
          case ASKED -> decoder.last(PlainResponse.of(HttpResponseStatus.GATEWAY_TIMEOUT), why);
          case IDLE, ANSWER -> {
            // Nothing was asked, or it is the answer that the client does not take.
          }
        }
      }
      case LIMIT -> {
        if (exchange.closing() == null) { // else it was said already
          switch (exchange.phase()) {
            case IDLE, RECEIVING, ASKED -> decoder.last(Replies.tryAgain(), why);
            case ANSWERING, SWITCHING -> {
              // There is no place left for another status.
            }
          }
        }
      }
      case CLIENT, SERVICE, PROTOCOL, UPGRADED, MOVED, SHUTDOWN -> {
        // Nothing to say: the client left, got its last answer, or was told what it did wrong.
      }
    }
  }

  /** Says 100, which a client that did not ask for it passes over (RFC 9110, 15.2.1). */
  @Override
  public void probe() {
    if (!exchange.http10()) {
      decoder.sayContinue();
    }
  }

  @Override
  public String current() {
    return exchange.current();
  }

  @Override
  public String route() {
    return Objects.requireNonNullElse(exchange.route(), "");
  }

  @Override
  public void discard() {
    decoder.discard();
  }

  @Override
  public void drain() {
    exchange.drain();
  }

  @Override
  public void ended(CloseReason why) {
    RequestLog log = exchange.log();
    if (log != null) {
      log.ended(why);
    }
  }

  @Override
  public Optional<Saved> save() {
    return exchange.phase() == Exchange.Phase.IDLE && exchange.closing() == null
        ? Optional.of(Saved.unread(HttpCodec.NAME, HttpCodec.VERSION, decoder.unread()))
        : Optional.empty();
  }

  @Override
  public Phase phase() {
    if (exchange.undecided()) {
      return Phase.ANSWER; // an authenticator has a time of its own
    }
    Exchange.Phase at = exchange.phase();
    if (at == Exchange.Phase.ASKED && !exchange.arriving()) {
      return Phase.ASKED;
    }
    if (decoder.waits()) {
      return Phase.ANSWER; // the client did its part, it is not its turn
    }
    return switch (at) {
      case IDLE -> decoder.atBoundary() ? Phase.IDLE : Phase.HEAD;
      case RECEIVING -> Phase.BODY;
      case ASKED, ANSWERING -> exchange.arriving() ? Phase.BODY : Phase.ANSWER;
      case SWITCHING -> Phase.ANSWER;
    };
  }
}
