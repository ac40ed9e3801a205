package io.baton.worker;

import io.baton.codec.Codec;
import io.baton.codec.Protocol;
import io.baton.config.CodecSettings;
import io.baton.config.Settings;
import io.baton.config.Settings.LaneKind;
import io.baton.pipe.HandoffKind;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.Message;
import io.baton.pipe.Message.AllowMigrations;
import io.baton.pipe.Message.Handoff;
import io.baton.pipe.Message.Taken;
import io.baton.pipe.Pipe;
import io.baton.pipe.Pipe.Packet;
import io.baton.posix.Fd;
import io.baton.posix.Frame;
import io.baton.posix.SocketPair;
import io.baton.service.Peer;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.codec.websocket.WebSocketCodec;
import io.baton.worker.migration.SavedSession;
import io.baton.worker.session.Route;
import io.baton.worker.tls.PlayedClient;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A worker's first clients would wait for its code to be loaded, for half a second and more; and
 * after a reload these are connections that were served a moment ago. So before it says Ready, a
 * worker plays everything through: another worker inside this process, whose manager this is, takes
 * a client of each kind, answers it, gives it away, takes it back and answers it again.
 *
 * <p>None of the user's code runs. Main thread.
 */
final class Rehearsal implements AutoCloseable {
  private static final int MAX_ANSWER = 4_096;

  /** So many of each kind at a time, and so often they come, move and go. */
  private static final int CLIENTS = 8;

  private static final int ROUNDS = 8;

  /** What a client says, by listener: to raw; to http; to websocket, a text in a masked frame. */
  private static final List<byte[]> WORDS =
      List.of(
          "rehearsal".getBytes(StandardCharsets.US_ASCII),
          "GET /rehearsal HTTP/1.1\r\nHost: rehearsal\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
          new byte[] {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'});

  /** The first listener, whose bytes may be encrypted. */
  private static final int RAW = 0;

  private final boolean encrypted;
  private final Pipe pipe;
  private final Worker worker;
  private final Frame frame = new Frame(MAX_ANSWER);
  private long handoffs;
  private long given;

  private Rehearsal(Settings settings, boolean encrypted) throws IOException {
    this.encrypted = encrypted;
    SocketPair ends = SocketPair.open();
    pipe = new Pipe(ends.ours(), Pipe.newFrame());
    worker = new Worker(settings, routes(settings), new Pipe(ends.theirs(), Pipe.newFrame()));
  }

  /**
   * Plays it through.
   *
   * @param encrypted whether there is encryption to be played, too
   */
  static void play(Settings settings, boolean encrypted)
      throws IOException, MalformedMessageException, InterruptedException, ExecutionException {
    try (Rehearsal rehearsal = new Rehearsal(settings, encrypted)) {
      rehearsal.worker.start();
      for (int round = 0; round < ROUNDS; round++) {
        rehearsal.playRound();
      }
    }
  }

  private static List<Route<?, ?>> routes(Settings settings) {
    Settings.ListenerOptions options =
        settings
            .listeners()
            .getFirst()
            .options()
            .withLane(LaneKind.LOOP)
            .withLimits(Settings.Limits.NONE);
    CodecSettings bounds = settings.codecs();
    return List.of(
        route(options, new RawCodec(), ByteBuf::retain),
        route(
            options,
            new HttpCodec(bounds.http(), InstantSource.system()),
            (FullHttpRequest _) ->
                (HttpObject)
                    new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK)),
        route(
            options,
            new WebSocketCodec(bounds.webSocket().maxMessage(), false),
            WebSocketFrame::retain));
  }

  private static <I, O> Route<I, O> route(
      Settings.ListenerOptions options, Codec<I, O> codec, Function<I, O> answer) {
    Service<I, O> service = new Answering<>(answer);
    return new Route<>("rehearsal", new Protocol<>("", codec, () -> service), List.of(), options);
  }

  /** Answers each message with what a function makes of it. */
  private record Answering<I, O>(Function<I, O> answer) implements Service<I, O> {
    @Override
    public void received(Session<O> session, I message) {
      session.send(answer.apply(message));
    }
  }

  /**
   * A client's end of its connection.
   *
   * @param tls what encrypts it; null if nothing does
   */
  private record Client(Fd end, int listener, @Nullable PlayedClient tls) {

    byte[] words() {
      byte[] words = WORDS.get(listener);
      return tls == null ? words : tls.seal(words);
    }
  }

  /** The life of {@link #CLIENTS} clients of each kind. */
  private void playRound() throws IOException, MalformedMessageException {
    List<Client> clients = new ArrayList<>();
    try {
      for (int i = 0; i < CLIENTS; i++) {
        for (int listener = 0; listener < WORDS.size(); listener++) {
          clients.add(new Client(comes(listener, HandoffKind.FRESH), listener, null));
        }
        if (encrypted) {
          clients.add(new Client(comes(RAW, encrypted()), RAW, new PlayedClient()));
        }
      }
      awaitTaken(clients.size());
      exchange(clients);
      given += clients.size();
      pipe.send(new AllowMigrations(given, Message.First.IDLEST), null);
      move(clients.size());
      awaitTaken(clients.size());
      exchange(clients);
    } finally {
      clients.forEach(client -> client.end.release());
    }
  }

  /** A client whose handshake was in another worker. */
  private static HandoffKind encrypted() {
    SavedSession session =
        new SavedSession(
            "",
            RawCodec.nothingUnread(),
            ByteBuffer.allocate(0),
            ByteBuffer.allocate(0),
            PlayedClient.cover(),
            ByteBuffer.allocate(0),
            ByteBuffer.allocate(0),
            ByteBuffer.allocate(0),
            List.of(),
            List.of());
    return HandoffKind.saved("", session.encode(SavedSession.READ));
  }

  /** Returns the client's end. */
  private Fd comes(int listener, HandoffKind kind) throws IOException {
    SocketPair client = SocketPair.stream();
    try (Fd theirs = client.theirs()) {
      pipe.send(new Handoff(++handoffs, listener, new Peer.Unix(0, 0), kind), theirs);
    }
    return client.ours();
  }

  /** So many move: all away from the worker, and then there again. */
  private void move(int count) throws IOException, MalformedMessageException {
    List<Packet> moving = new ArrayList<>();
    try {
      while (moving.size() < count) {
        moving.add(await(Handoff.class));
      }
      for (Packet each : moving) {
        pipe.send(each.messages(), each.descriptors());
      }
    } finally {
      moving.forEach(Packet::releaseDescriptors);
    }
  }

  private void awaitTaken(int count) throws IOException, MalformedMessageException {
    for (long taken = 0; taken < count; ) {
      taken += await(Taken.class).messages().stream().filter(Taken.class::isInstance).count();
    }
  }

  private void exchange(List<Client> clients) {
    for (Client client : clients) {
      frame.payload().clear().put(client.words());
      frame.send(client.end, null);
    }
    for (Client client : clients) {
      frame.receiveWaiting(client.end);
    }
  }

  /** The next packet that begins with such a message; all other kinds are reports. */
  private Packet await(Class<? extends Message> kind)
      throws IOException, MalformedMessageException {
    while (pipe.receiveWaiting() instanceof Packet packet) {
      Optional<Message> refused =
          packet.messages().stream().filter(Message.Refused.class::isInstance).findFirst();
      if (refused.isPresent()) {
        throw new IOException("a client of the rehearsal was refused: " + refused.get());
      }
      if (kind.isInstance(packet.messages().getFirst())) {
        return packet;
      }
    }
    throw new IOException("the rehearsal's worker has gone away");
  }

  @Override
  public void close() {
    worker.close();
    pipe.close();
  }
}
