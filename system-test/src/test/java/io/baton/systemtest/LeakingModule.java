package io.baton.systemtest;

import io.baton.service.Module;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** An echo that takes as much direct memory with each message as the message says, for good. */
public final class LeakingModule implements Module {

  @Override
  public String name() {
    return "leaking";
  }

  @Override
  public void start(Context context) {
    context.service(
        "leaking",
        String.class,
        String.class,
        () ->
            (session, message) -> {
              ByteBuf forgotten = ByteBufAllocator.DEFAULT.directBuffer(Integer.parseInt(message));
              session.send("took " + forgotten.capacity());
            });
  }
}
