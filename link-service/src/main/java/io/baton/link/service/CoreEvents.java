package io.baton.link.service;

import static java.util.Objects.requireNonNull;

import io.baton.link.TypeSet;
import io.baton.link.core.Failure;
import io.baton.link.core.LinkCore;
import io.baton.link.core.LinkEvents;
import io.baton.link.core.MessageKind;
import io.baton.link.stream.SessionStreams;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The events of a core, on the way to the service. */
abstract class CoreEvents implements LinkEvents {
  /** The other side's types by their numbers; most clients have one set. */
  private @Nullable TypeSet[] types = {};

  abstract LinkCore core();

  abstract SessionStreams streams();

  abstract Asks asks();

  /** Hands an input out, and returns whether the service takes another. */
  abstract boolean handOut(LinkInput input, int channel, int size);

  /** Hands an input out that is not of the core's messages, as soon as the service takes it. */
  abstract void tell(LinkInput input);

  /** There may be room in a channel of this side; or the channel takes no messages any more. */
  abstract void roomChanged(int channel, boolean open);

  @Override
  public void defined(int number, ByteBuffer schema) {
    if (number >= types.length) {
      types = Arrays.copyOf(types, number + 1);
    }
    types[number] = SharedTypes.OF_ALL.of(copy(schema));
  }

  @Override
  public boolean message(
      int channel, MessageKind kind, long ask, int types, ByteBuffer payload, int size) {
    LinkInput input =
        switch (kind) {
          case MESSAGE ->
              new LinkInput.Message(core().channelName(channel), types(types), bytes(payload));
          case ASK -> {
            asks().asked(ask, channel);
            yield new LinkInput.Ask(ask, types(types), bytes(payload));
          }
          case REPLY -> replied(asks().answered(ask), types, payload);
          case FAILED -> failed(asks().answered(ask), payload);
          case CANCEL -> asks().cancelled(ask) ? new LinkInput.Cancelled(ask) : null;
        };
    if (input == null) { // the service does not wait for it
      core().consumed(channel, size);
      return true;
    }
    return handOut(input, channel, size);
  }

  private @Nullable LinkInput replied(@Nullable Question question, int types, ByteBuffer payload) {
    return question == null ? null : new LinkInput.Reply(question, types(types), bytes(payload));
  }

  private static @Nullable LinkInput failed(@Nullable Question question, ByteBuffer payload) {
    if (question == null) {
      return null;
    }
    Failure failure = Failure.read(payload);
    return new LinkInput.Failed(question, failure.code(), failure.text());
  }

  private TypeSet types(int number) {
    return requireNonNull(types[number], "not defined");
  }

  private static ByteBuffer bytes(ByteBuffer payload) {
    return ByteBuffer.wrap(copy(payload));
  }

  private static byte[] copy(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return copy;
  }

  // ---- channels and streams ----

  @Override
  public void opened(int channel, String name, long length) {
    tell(new LinkInput.Stream(streams().opened(channel, name, length)));
  }

  @Override
  public void readable(int channel) {
    streams().readable(core(), channel);
  }

  @Override
  public void ended(int channel, int code) {
    streams().ended(core(), channel, code);
  }

  @Override
  public void stopped(int channel, int code) {
    streams().stopped(channel, code);
    roomChanged(channel, false);
  }

  @Override
  public void delivered(int channel) {
    streams().delivered(channel);
    roomChanged(channel, false);
  }

  @Override
  public void acknowledged(int channel) {
    roomChanged(channel, true);
  }
}
