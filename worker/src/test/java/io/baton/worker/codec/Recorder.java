package io.baton.worker.codec;

import io.baton.codec.Codec;
import io.baton.codec.Protocol;
import io.baton.service.CloseReason;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.codec.CutAnywhere.Answering;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes services that keep what they are told in one place: of one connection at a time, whichever
 * protocols it speaks and whichever workers it goes to. They are done with a message at once.
 */
public final class Recorder {
  private final Answering answering;
  private final List<String> messages = new ArrayList<>();
  private @Nullable CloseReason end;
  private Consumer<Object> send = _ -> {};
  private Consumer<CloseReason> close = _ -> {};

  /**
   * @param answering says what they answer, in every protocol
   */
  public Recorder(Answering answering) {
    this.answering = answering;
  }

  /** Makes a protocol of this codec and such services. */
  public <I, O> Protocol<I, O> protocol(String name, Codec<I, O> codec) {
    return new Protocol<>(name, codec, () -> service(codec.out()));
  }

  /**
   * Makes such a service.
   *
   * @param out what it sends
   */
  public <I, O> Service<I, O> service(Class<O> out) {
    return new Recording<>(out);
  }

  /** A new connection begins. */
  void begin() {
    messages.clear();
    end = null;
    send = _ -> {};
    close = _ -> {};
  }

  List<String> messages() {
    return messages;
  }

  /** Why the connection has ended; null while it goes on, here or in another worker. */
  @Nullable CloseReason end() {
    return end;
  }

  /** The service of the connection sends. */
  void send(Object message) {
    send.accept(message);
  }

  /** The service of the connection closes it. */
  void close(CloseReason why) {
    close.accept(why);
  }

  private final class Recording<I, O> implements Service<I, O> {
    private final Class<O> out;

    Recording(Class<O> out) {
      this.out = out;
    }

    @Override
    public boolean opened(Session<O> session) {
      speaks(session);
      return true;
    }

    @Override
    public void resumed(Session<O> session, byte[] saved) {
      speaks(session);
    }

    private void speaks(Session<O> session) {
      send = message -> session.send(out.cast(message));
      close = session::close;
    }

    @Override
    public void received(Session<O> session, I message) {
      messages.add(answering.received(message, answer -> session.send(out.cast(answer))));
    }

    @Override
    public void closed(Session<O> session, CloseReason why) {
      switch (why) {
        case MOVED, UPGRADED -> {
          // The connection goes on.
        }
        default -> end = why;
      }
    }
  }
}
