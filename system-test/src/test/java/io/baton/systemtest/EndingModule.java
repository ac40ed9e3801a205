package io.baton.systemtest;

import io.baton.service.Module;
import io.baton.service.Session;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** A user's module whose service {@code ending}, for the raw codec, ends its worker. */
public final class EndingModule implements Module {
  static final String EXIT = "E";
  static final String EXHAUST = "O";
  static final int STATUS = 7;

  @Override
  public String name() {
    return "ending";
  }

  @Override
  public void start(Context context) {
    context.service("ending", ByteBuf.class, ByteBuf.class, () -> EndingModule::received);
  }

  private static void received(Session<ByteBuf> session, ByteBuf message) {
    byte first = message.getByte(message.readerIndex());
    if (first == EXIT.charAt(0)) {
      System.exit(STATUS);
    } else if (first == EXHAUST.charAt(0)) {
      List<byte[]> all = new ArrayList<>();
      while (all.size() < Integer.MAX_VALUE) {
        all.add(new byte[1 << 20]);
      }
    }
    session.send(message.retain());
  }
}
