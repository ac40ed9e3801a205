package io.baton.bench;

import io.baton.link.LinkHandler;
import io.baton.link.LinkSession;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.link.service.LinkService;
import io.baton.link.types.Types;
import io.baton.service.Module;

/** Brings the service {@code echo-link}, which decodes each message and sends it back. */
public final class EchoLinkModule implements Module {
  static final String SERVICE = "echo-link";

  @Override
  public String name() {
    return SERVICE;
  }

  @Override
  public void start(Context context) {
    Types<Payload> types = Types.of(Payload.class);
    LinkHandler<Payload, Payload> echo = LinkSession::send;
    context.service(
        SERVICE, LinkInput.class, LinkOutput.class, LinkService.of(types, types, () -> echo));
  }
}
