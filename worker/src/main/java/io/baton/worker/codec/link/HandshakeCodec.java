package io.baton.worker.codec.link;

import static java.util.stream.Collectors.toMap;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.codec.Protocol;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.service.Service;
import java.security.SecureRandom;
import java.util.Map;
import java.util.function.Function;

/**
 * The handshake of Link, with which each connection begins: it finds the service that the client
 * wants, or the session that it had, and lets it in or refuses it (docs/PROTOCOLS.md). No message
 * is handed out before that.
 */
public final class HandshakeCodec implements Codec<LinkInput, LinkOutput> {
  /** The service of connections that have not come to a session yet: it is given nothing. */
  public static final Service<LinkInput, LinkOutput> NO_SERVICE = (session, message) -> {};

  private final LinkServices services;
  private final Map<String, Protocol<?, ?>> sessions;
  private final SecureRandom random = new SecureRandom();

  /** Makes the codec of one listener. */
  public HandshakeCodec(LinkServices services) {
    this.services = services;
    this.sessions =
        services.protocols().stream().collect(toMap(Protocol::name, Function.identity()));
  }

  @Override
  public Class<LinkInput> in() {
    return LinkInput.class;
  }

  @Override
  public Class<LinkOutput> out() {
    return LinkOutput.class;
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
  public boolean seeks() {
    return true;
  }

  @Override
  public Flow install(CodecContext context) {
    context.saved().ifPresent(saved -> saved.require(HandshakeFlow.NAME, HandshakeFlow.VERSION));
    HandshakeFlow flow = new HandshakeFlow(services, sessions, context, random);
    context.pipeline().addLast(flow);
    return flow;
  }
}
