package io.baton.bench;

import io.baton.service.Module;
import io.baton.service.Service;
import io.baton.service.Session;
import io.netty.buffer.ByteBuf;

/** Brings the service {@code burn}: an echo that is hard on its worker. */
public final class BurnModule implements Module {
  @Override
  public String name() {
    return "burn";
  }

  @Override
  public void start(Context context) {
    context.service("burn", ByteBuf.class, ByteBuf.class, Burn::new);
  }

  private static final class Burn implements Service<ByteBuf, ByteBuf> {
    private final Burner burner = new Burner();
    private long last;

    @Override
    public void received(Session<ByteBuf> session, ByteBuf message) {
      last ^= burner.burn();
      session.send(message.retain());
    }

    @Override
    public String toString() {
      return "burnt " + last;
    }
  }
}
