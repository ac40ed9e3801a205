package io.baton.systemtest;

import io.baton.codec.Codec;
import io.baton.codec.CodecModule;
import io.baton.codec.TicketCodec;
import io.baton.service.CloseReason;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import java.nio.ByteBuffer;
import java.util.Map;

/** Sessions that count what they hear, and that their clients find again by a key. */
public final class TicketModule implements CodecModule {

  @Override
  public String name() {
    return "tickets";
  }

  @Override
  public void start(Context context) {
    context.service("counting", String.class, String.class, Counting::new);
  }

  @Override
  public Map<String, Codec<?, ?>> codecs() {
    return Map.of("ticket", new TicketCodec());
  }

  /**
   * Answers each line with its number and the worker's pid, but {@code who} with the client and its
   * proxy; leaves at {@code bye}.
   */
  public static final class Counting implements Service<String, String>, Resumable<String> {
    private final long pid = ProcessHandle.current().pid();
    private int count;

    @Override
    public void received(Session<String> session, String line) {
      switch (line) {
        case "bye" -> session.close(CloseReason.SERVICE);
        case "who" -> session.send(session.peer() + " through " + session.via().orElseThrow());
        default -> session.send(++count + " " + pid);
      }
    }

    @Override
    public byte[] save(Session<String> session) {
      return ByteBuffer.allocate(Integer.BYTES).putInt(count).array();
    }

    @Override
    public void resumed(Session<String> session, byte[] saved) {
      count = ByteBuffer.wrap(saved).getInt();
    }
  }
}
