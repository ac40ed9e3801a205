package io.baton.systemtest;

import io.baton.service.Module;
import io.netty.buffer.ByteBuf;

/** An echo that keeps every message once too often. */
public final class ForgetfulModule implements Module {

  @Override
  public String name() {
    return "forgetful";
  }

  @Override
  public void start(Context context) {
    context.service(
        "forgetful",
        ByteBuf.class,
        ByteBuf.class,
        () -> (session, message) -> session.send(message.retain().retain()));
  }
}
