package io.baton.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.codec.Protocol;
import io.baton.config.CodecSettings;
import io.baton.config.Settings;
import io.baton.config.SettingsFixture;
import io.baton.pipe.Message.Ready;
import io.baton.pipe.Message.Taken;
import io.baton.service.CloseReason;
import io.baton.service.Replaying;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.codec.http.HttpRouter;
import io.baton.worker.codec.http.RoutedHttpCodec;
import io.baton.worker.codec.websocket.DeniedOrigins;
import io.baton.worker.codec.websocket.WebSocketUpgrade;
import io.baton.worker.session.Route;
import io.baton.worker.session.SessionKeys;
import io.baton.worker.session.TestRoutes;
import io.baton.worker.spool.Spool;
import io.baton.worker.tls.TlsConnections;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** WebSockets that come back to the worker where they were: what is theirs, byte by byte. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // recvmsg heeds no interrupt
@ExtendWith(NoLeaks.class)
class WebSocketReturnTest {
  private static final int FIN = 0x80;
  private static final int CLOSE = 0x88;
  private static final int TEXT = 0x81;
  private static final Pattern TICKET = Pattern.compile("\\{\"baton.resume\":\"([^\"]+)\".*}");

  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final List<SocketChannel> sockets = new ArrayList<>();
  private final FakeManager manager = new FakeManager();
  private final Worker worker;
  private volatile boolean replays;
  private long connections;

  WebSocketReturnTest() throws Exception {
    List<Route<?, ?>> routes = new ArrayList<>();
    for (Settings.LaneKind lane : List.of(Settings.LaneKind.LOOP, Settings.LaneKind.VIRTUAL)) {
      routes.add(route("awaits-return = 1h, lane = " + lane.name().toLowerCase(Locale.ROOT)));
    }
    worker =
        new Worker(
            SettingsFixture.settings("fleet.drain-timeout = 50ms"),
            routes,
            _ -> TlsConnections.none(),
            Spool.NONE,
            new HandshakeCounters(),
            SessionKeys.alone(),
            manager.workersEnd,
            () -> {});
    worker.start();
    var _ = manager.await(Ready.class);
  }

  private Route<?, ?> route(String rules) {
    WebSocketUpgrade upgrade =
        new WebSocketUpgrade(
            "/count",
            new CodecSettings.WebSocket(1000, false),
            List.of(),
            new DeniedOrigins(() -> 0),
            false,
            () -> replays ? new Keeping() : new Counting());
    RoutedHttpCodec codec =
        new RoutedHttpCodec(
                SettingsFixture.http(""),
                InstantSource.system(),
                Spool.NONE,
                List.of(),
                Map.of("/count", upgrade))
            .seeking();
    HttpRouter.Table nothing = new HttpRouter.Table(List.of());
    return new Route<>(
        "web",
        new Protocol<>("", codec, () -> new HttpRouter(nothing)),
        List.copyOf(upgrade.protocols()),
        TestRoutes.options(rules));
  }

  /** Numbers what it hears. */
  private class Counting
      implements Service<WebSocketFrame, WebSocketFrame>, Resumable<WebSocketFrame> {
    private int count;

    @Override
    public boolean opened(Session<WebSocketFrame> session) {
      told.add("opened");
      say(session, "hello");
      return true;
    }

    @Override
    public void received(Session<WebSocketFrame> session, WebSocketFrame message) {
      say(session, ++count + " " + ((TextWebSocketFrame) message).text());
    }

    final void say(Session<WebSocketFrame> session, String text) {
      session.send(new TextWebSocketFrame(text));
    }

    @Override
    public byte[] save(Session<WebSocketFrame> session) {
      return new byte[0];
    }

    @Override
    public void resumed(Session<WebSocketFrame> session, byte[] saved) {
      throw new AssertionError("it does not move");
    }

    @Override
    public void away(Session<WebSocketFrame> session) {
      told.add("away");
      say(session, "while away");
    }

    @Override
    public void back(Session<WebSocketFrame> session, OptionalLong last) {
      told.add("back " + last);
    }

    @Override
    public void closed(Session<WebSocketFrame> session, CloseReason why) {
      told.add("closed " + why);
    }
  }

  /** Keeps by itself what it sends. */
  private final class Keeping extends Counting implements Replaying<WebSocketFrame> {
    @Override
    public void back(Session<WebSocketFrame> session, OptionalLong last) {
      super.back(session, last);
      say(session, "since " + last.orElseThrow());
    }
  }

  private final class Client {
    private final SocketChannel socket;
    private final DataInputStream from;
    private final OutputStream to;

    Client(int listener, String offers) throws Exception {
      socket = manager.handOff(++connections, listener, manager.connect());
      sockets.add(socket);
      assertThat(manager.await(Taken.class).id()).isEqualTo(connections);
      from = new DataInputStream(socket.socket().getInputStream());
      to = socket.socket().getOutputStream();
      String request =
          "GET /count HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
              + "Sec-WebSocket-Protocol: "
              + offers
              + "\r\n\r\n";
      to.write(request.getBytes(ISO_8859_1));
    }

    /** The status of the answer, whose head is read. */
    String status() throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) from.readUnsignedByte());
      }
      return head.substring("HTTP/1.1 ".length(), "HTTP/1.1 101".length());
    }

    void sends(int first, String payload) throws IOException {
      byte[] bytes = payload.getBytes(ISO_8859_1);
      to.write(new byte[] {(byte) first, (byte) (0x80 | bytes.length), 0, 0, 0, 0});
      to.write(bytes);
    }

    /** The next frame: its first byte's opcode as a word, and the payload. */
    String hears() throws IOException {
      int first = from.readUnsignedByte();
      int length = from.readUnsignedByte();
      String payload = new String(from.readNBytes(length), ISO_8859_1);
      if (first != CLOSE) {
        return payload;
      }
      return "close " + (payload.charAt(0) << 8 | payload.charAt(1)) + payload.substring(2);
    }

    String ticket() throws IOException {
      String welcome = hears();
      Matcher matcher = TICKET.matcher(welcome);
      assertThat(matcher.matches()).as(welcome).isTrue();
      return matcher.group(1);
    }
  }

  private Client begin(int listener) throws Exception {
    Client client = new Client(listener, "baton.resume");
    assertThat(client.status()).isEqualTo("101");
    return client;
  }

  private Client back(int listener, String ticket) throws Exception {
    return new Client(listener, "baton.resume, baton.resume." + ticket);
  }

  @AfterEach
  void close() throws Exception {
    for (SocketChannel each : sockets) {
      each.close();
    }
    worker.close();
    manager.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"LOOP", "VIRTUAL"})
  void theWelcomeComesFirstAndThenWhatWasKept(Settings.LaneKind lane) throws Exception {
    int listener = lane == Settings.LaneKind.LOOP ? 0 : 1;
    Client client = begin(listener);
    String ticket = client.ticket();
    assertThat(client.hears()).isEqualTo("hello");
    client.sends(TEXT, "one");
    assertThat(client.hears()).isEqualTo("1 one");
    client.socket.close();
    assertThat(List.of(told.take(), told.take())).containsExactly("opened", "away");
    Client back = back(listener, ticket + ".7");
    assertThat(back.status()).isEqualTo("101");
    assertThat(back.ticket()).isNotEqualTo(ticket);
    assertThat(back.hears()).isEqualTo("while away");
    back.sends(TEXT, "two");
    assertThat(back.hears()).isEqualTo("2 two");
    assertThat(told.take()).isEqualTo("back OptionalLong[7]");
  }

  @ParameterizedTest
  @EnumSource(names = {"LOOP", "VIRTUAL"})
  void nothingComesBeforeWhatAServiceSendsAgain(Settings.LaneKind lane) throws Exception {
    replays = true;
    int listener = lane == Settings.LaneKind.LOOP ? 0 : 1;
    Client client = begin(listener);
    String ticket = client.ticket();
    assertThat(client.hears()).isEqualTo("hello");
    Client back = back(listener, ticket + ".1"); // what it says of being away is on its way then
    assertThat(back.status()).isEqualTo("101");
    String next = back.ticket();
    assertThat(back.hears()).isEqualTo("since 1");
    assertThat(client.hears()).isEqualTo("close 4409another connection took this session");
    back.socket.close();
    Client again = back(listener, next + ".2");
    assertThat(again.status()).isEqualTo("101");
    assertThat(again.ticket()).isNotEqualTo(next);
    assertThat(again.hears()).isEqualTo("since 2");
  }

  @Test
  void aPageThatGoesAwayMayComeBackAndOneThatClosesEndsItsSession() throws Exception {
    Client client = begin(0);
    String ticket = client.ticket();
    client.sends(CLOSE, "\u0003\u00e9"); // 1001
    assertThat(List.of(told.take(), told.take())).containsExactly("opened", "away");
    Client back = back(0, ticket);
    assertThat(back.status()).isEqualTo("101");
    String next = back.ticket();
    assertThat(back.hears()).isEqualTo("while away");
    back.sends(CLOSE, "\u0003\u00e8"); // 1000
    assertThat(back.hears()).isEqualTo("close 1000");
    assertThat(List.of(told.take(), told.take()))
        .containsExactly("back OptionalLong.empty", "closed CLIENT");
    assertThat(next).isNotEqualTo(ticket);
  }

  @Test
  void whatHadBegunWhenTheConnectionWasLostIsLost() throws Exception {
    Client client = begin(0);
    String ticket = client.ticket();
    assertThat(client.hears()).isEqualTo("hello");
    client.sends(TEXT - FIN, "half of a message, ");
    client.sends(0, "and its middle ");
    client.to.write(new byte[] {(byte) FIN, (byte) 0x85, 0});
    client.socket.shutdownOutput();
    assertThat(List.of(told.take(), told.take())).containsExactly("opened", "away");
    Client back = back(0, ticket);
    assertThat(back.status()).isEqualTo("101");
    assertThat(back.ticket()).isNotEqualTo(ticket);
    assertThat(back.hears()).isEqualTo("while away");
    back.sends(TEXT, "whole");
    assertThat(back.hears()).isEqualTo("1 whole");
  }

  @Test
  void aWelcomeThatWasLostDoesNotLoseTheSession() throws Exception {
    Client client = begin(0);
    String ticket = client.ticket();
    client.socket.close();
    for (int i = 0; i < 5; i++) { // the client never reads what it is told
      Client deaf = back(0, ticket);
      assertThat(deaf.status()).isEqualTo("101");
      deaf.socket.close();
    }
    assertThat(back(0, ticket).status()).isEqualTo("101");
  }

  @Test
  void aStaleTokenIsRefusedAndTheSessionGoesOn() throws Exception {
    Client client = begin(0);
    String first = client.ticket();
    String ticket = first;
    for (int i = 0; i < 3; i++) {
      Client back = back(0, ticket);
      assertThat(back.status()).isEqualTo("101");
      ticket = back.ticket();
    }
    assertThat(back(0, first).status()).isEqualTo("404");
    assertThat(back(0, ticket).status()).isEqualTo("101");
  }
}
