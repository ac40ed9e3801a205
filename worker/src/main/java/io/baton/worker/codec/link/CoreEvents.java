package io.baton.worker.codec.link;

import io.baton.codec.Window;
import io.baton.link.TypeSet;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkEvents;
import io.baton.link.core.MessageKind;
import io.baton.link.service.LinkInput;
import io.baton.service.CloseReason;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a session's core makes of its client's bytes, on the way to the service. Byte streams are
 * stopped: no service reads them.
 */
final class CoreEvents implements LinkEvents {
  private final LinkFlow flow;
  private final Window window;

  /** The client's types by their numbers; most clients have one set. */
  private @Nullable TypeSet[] types = {};

  CoreEvents(LinkFlow flow, Window window) {
    this.flow = flow;
    this.window = window;
  }

  @Override
  public void defined(int number, ByteBuffer schema) {
    if (number >= types.length) {
      types = Arrays.copyOf(types, number + 1);
    }
    types[number] = SharedTypes.OF_ALL.of(copy(schema));
  }

  @Override
  public boolean message(
      int channel, MessageKind kind, long ask, int number, ByteBuffer payload, int size) {
    TypeSet its = Objects.requireNonNull(types[number], "not defined");
    flow.handOut(new LinkInput.Message(its, ByteBuffer.wrap(copy(payload))), size);
    return window.accepts();
  }

  private static byte[] copy(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return copy;
  }

  @Override
  public void closed(int code, String text) {
    CloseReason why = reason(code);
    flow.handOut(new LinkInput.Goodbye(code, text), 0);
    flow.over(why);
  }

  private CloseReason reason(int code) {
    if (flow.isClosing()) {
      return CloseReason.SERVICE;
    }
    return switch (LinkCode.of(code)) {
      case PROTOCOL, TOO_LONG, TOO_MANY, DIVERGED -> CloseReason.PROTOCOL;
      default -> CloseReason.CLIENT;
    };
  }

  @Override
  public void opened(int channel, String name, long length) {
    flow.stop(channel);
  }

  @Override
  public void pinged(long t1) {
    flow.pong(t1);
  }
}
