package io.baton.worker.codec.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.baton.codec.Codec;
import io.baton.codec.CodecContext;
import io.baton.codec.Flow;
import io.baton.link.TypeSet;
import io.baton.link.core.Limits;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.service.CloseReason;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.worker.NoLeaks;
import io.baton.worker.codec.link.CoreClient;
import io.baton.worker.codec.link.LinkServices;
import io.baton.worker.identity.AuthenticationCounters;
import io.baton.worker.session.Route;
import io.baton.worker.session.SessionHarness;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.handler.codec.http.HttpObject;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Link in the messages of a WebSocket, from the request on. */
@ExtendWith(NoLeaks.class)
final class LinkInWebSocketTest {
  private static final TypeSet TYPES = new TypeSet("a schema".getBytes(UTF_8));

  private final List<String> told = new ArrayList<>();
  private final SessionHarness<HttpObject, HttpObject> server =
      new SessionHarness<>(route()).open();

  /** Numbers what it hears, wherever its session goes. */
  private final class Counting implements Service<LinkInput, LinkOutput>, Resumable<LinkOutput> {
    private int count;

    @Override
    public boolean opened(Session<LinkOutput> session) {
      told.add("opened");
      return true;
    }

    @Override
    public void received(Session<LinkOutput> session, LinkInput input) {
      if (input instanceof LinkInput.Message(String _, TypeSet _, ByteBuffer bytes)) {
        String text = ++count + " " + UTF_8.decode(bytes);
        session.send(new LinkOutput.Message(TYPES, ByteBuffer.wrap(text.getBytes(UTF_8))));
      }
    }

    @Override
    public void away(Session<LinkOutput> session) {
      told.add("away");
    }

    @Override
    public void back(Session<LinkOutput> session, OptionalLong last) {
      told.add("back");
    }

    @Override
    public byte[] save(Session<LinkOutput> session) {
      return new byte[] {(byte) count};
    }

    @Override
    public void resumed(Session<LinkOutput> session, byte[] saved) {
      count = saved[0];
    }

    @Override
    public void closed(Session<LinkOutput> session, CloseReason why) {
      if (why != CloseReason.MOVED) {
        told.add("closed " + why);
      }
    }
  }

  private Route<HttpObject, HttpObject> route() {
    LinkServices.Named named =
        new LinkServices.Named("s", Counting::new, List.of(), List.of(), Optional.empty());
    LinkServices services =
        new LinkServices(Map.of("s", named), Limits.DEFAULT, new AuthenticationCounters());
    return LinkInHttp.route(services, "max-header = 16k", "awaits-return = 1m");
  }

  @AfterEach
  void close() {
    server.close();
  }

  /** Carries bytes to and fro until neither side has any. */
  private void talk(FramedClient client) {
    byte[] bytes = client.sends();
    byte[] back = deliver(bytes);
    while (bytes.length > 0 || back.length > 0) {
      client.hears(back);
      bytes = client.sends();
      back = deliver(bytes);
    }
  }

  private byte[] deliver(byte[] bytes) {
    if (bytes.length > 0 && server.channel.isOpen()) {
      server.client(bytes);
    }
    return server.out().getBytes(ISO_8859_1);
  }

  private FramedClient welcome(long seed) {
    FramedClient client = new FramedClient(new CoreClient("s"), new Random(seed));
    talk(client);
    assertThat(client.client().isWelcome()).isTrue();
    return client;
  }

  @Test
  void messagesAreNumberedAndAGoodbyeClosesTheWebSocket() {
    FramedClient client = welcome(1);
    client.client().says("one");
    client.client().says("two");
    talk(client);
    assertThat(client.client().told).containsExactly("1 one", "2 two");
    client.client().leaves();
    talk(client);
    assertThat(client.client().told).last().isEqualTo("closed 18");
    assertThat(client.controls).last().isEqualTo("close 1000");
    assertThat(told).containsExactly("opened", "closed CLIENT");
    assertThat(server.channel.isOpen()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void framesMayBeSplitAtEveryByteAndTheSessionMovesInBetween(long seed) {
    FramedClient client = new FramedClient(new CoreClient("s"), new Random(seed));
    int moves = 0;
    for (int i = 0; i < 30; i++) {
      for (byte each : client.sends()) {
        if (server.move()) {
          moves++;
        }
        server.client(new byte[] {each});
      }
      for (byte each : server.out().getBytes(ISO_8859_1)) {
        client.hears(new byte[] {each});
      }
      if (client.client().isWelcome()) {
        client.client().says("again");
      }
    }
    assertThat(moves).as("moves with seed %d", seed).isGreaterThan(400);
    assertThat(client.client().told).hasSizeGreaterThan(20);
    for (int i = 0; i < client.client().told.size(); i++) {
      assertThat(client.client().told.get(i)).isEqualTo(i + 1 + " again");
    }
    assertThat(client.controls).isNotEmpty().containsOnly("pong ?");
    assertThat(told).containsExactly("opened");
  }

  @Test
  void aConnectionStaysBetweenItsChallengeAndItsWelcome() {
    FramedClient client = new FramedClient(new CoreClient("s"), new Random(1));
    server.client(client.sends());
    client.hears(server.out().getBytes(ISO_8859_1));
    assertThat(server.move()).isTrue();
    server.client(client.sends());
    assertThat(server.move()).isFalse();
    client.hears(server.out().getBytes(ISO_8859_1));
    talk(client);
    assertThat(server.move()).isTrue();
    client.client().says("one");
    talk(client);
    assertThat(client.client().told).containsExactly("1 one");
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 4000})
  void aCloseIsAnsweredAndTheSessionWaitsForItsClient(int code) {
    FramedClient client = welcome(1);
    client.client().says("one");
    server.client(client.sends());
    server.client(Frames.of(Frames.close(code, ""), Frames.binary(new byte[] {1})));
    client.hears(server.out().getBytes(ISO_8859_1));
    assertThat(client.controls).last().isEqualTo("close " + code);
    assertThat(client.client().told).containsExactly("1 one");
    assertThat(told).containsExactly("opened", "away");
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void aTextMessageIsAViolation() {
    FramedClient client = welcome(1);
    server.client(Frames.of(Frames.text("hello")));
    client.hears(server.out().getBytes(ISO_8859_1));
    assertThat(client.client().told).containsExactly("closed 11");
    assertThat(client.controls).last().isEqualTo("close 1003");
    assertThat(told).containsExactly("opened", "closed PROTOCOL");
    assertThat(server.channel.isOpen()).isFalse();
  }

  @Test
  void framesThatAreNotAsTheyShouldBeAreClosedWithTheirCode() {
    Map<Frames, String> violations =
        Map.of(
            Frames.unmasked(0x82, "x"), "close 1002",
            Frames.frame(0xC2, "x"), "close 1002",
            Frames.frame(0x80, "x"), "close 1002",
            Frames.frame(0x83, "x"), "close 1002",
            Frames.joined(Frames.frame(0x02, "\0"), Frames.frame(0x82, "x")), "close 1002",
            Frames.frame(0x09, "x"), "close 1002",
            Frames.promise(0x89, 126), "close 1002",
            Frames.promiseIn(2, 0x82, 5), "close 1002",
            Frames.promise(0x82, 1L << 31), "close 1009");
    violations.forEach((frames, close) -> {
      try (SessionHarness<HttpObject, HttpObject> fresh = new SessionHarness<>(route()).open()) {
        FramedClient client = new FramedClient(new CoreClient("s"), new Random(1));
        fresh.client(client.sends());
        client.hears(fresh.out().getBytes(ISO_8859_1));
        fresh.client(Frames.of(frames));
        client.hears(fresh.out().getBytes(ISO_8859_1));
        assertThat(client.controls).containsExactly(close);
        assertThat(fresh.channel.isOpen()).isFalse();
      }
    });
  }

  @Test
  void aRefusalIsSaidInLinksWordsAndClosesTheWebSocket() {
    FramedClient client = new FramedClient(new CoreClient("nothing"), new Random(1));
    talk(client);
    assertThat(client.client().told).containsExactly("refused UNKNOWN_SERVICE");
    assertThat(client.controls).last().isEqualTo("close 1000");
  }

  @Test
  void aClientThatDoesNotOfferTheSubprotocolIsRefused() {
    server.client(FramedClient.request("chat"));
    assertThat(server.out())
        .startsWith("HTTP/1.1 400 ")
        .endsWith("this path speaks the subprotocol baton.link\n");
  }

  @Test
  void aPageOfAnotherOriginMayNotConnect() {
    server.client(
        FramedClient.request("baton.link")
            .replace("Host: here", "Host: here\r\nOrigin: https://elsewhere"));
    assertThat(server.out()).startsWith("HTTP/1.1 403 ");
  }

  @Test
  void everyMethodOfTheRuntimesInterfacesIsPassedOn() {
    passesOn(ByteStreamFlow.class, Flow.class);
    passesOn(ByteStreamContext.class, CodecContext.class);
    passesOn(ByteStreamCodec.class, Codec.class);
  }

  private static void passesOn(Class<?> wrapper, Class<?> wrapped) {
    for (Method each : wrapped.getMethods()) {
      if (!Modifier.isStatic(each.getModifiers())) {
        assertThatCode(() -> wrapper.getDeclaredMethod(each.getName(), each.getParameterTypes()))
            .as("%s", each)
            .doesNotThrowAnyException();
      }
    }
  }

  /** A connection on which nothing goes out any more. */
  private static final class BrokenChannel extends ChannelOutboundHandlerAdapter {
    @Override
    public void flush(ChannelHandlerContext ctx) {
      ctx.fireExceptionCaught(new IOException("Broken pipe"));
    }
  }

  @Test
  void framesBehindABreakOfTheConnectionAreDropped() {
    FramedClient client = welcome(1);
    StringBuilder frames = new StringBuilder();
    for (int i = 0; i < 10; i++) {
      client.client().says("x".repeat(SessionHarness.HIGH_WATER)); // answers reach it
      frames.append(new String(client.sends(), ISO_8859_1));
    }
    server.channel.pipeline().addFirst(new BrokenChannel());
    server.client(frames.toString());
    assertThat(told).containsExactly("opened", "away");
    assertThat(server.counters().errors()).isZero();
  }

  /** The client reads nothing, so nothing that is written goes out. */
  private static final class UnreadChannel extends ChannelOutboundHandlerAdapter {
    @Override
    public void flush(ChannelHandlerContext ctx) {
      // It would have no effect.
    }
  }

  @Test
  void ofManyPingsOnlyTheLatestIsSureToBeAnswered() {
    FramedClient client = welcome(1);
    client.controls.clear();
    UnreadChannel unread = new UnreadChannel();
    server.channel.pipeline().addFirst(unread);
    Frames[] pings = new Frames[1_000];
    for (int i = 0; i < pings.length; i++) {
      pings[i] = Frames.ping("p".repeat(100) + i);
    }
    server.client(Frames.of(pings));
    server.channel.pipeline().remove(unread);
    server.channel.flush();
    client.hears(server.out().getBytes(ISO_8859_1));
    assertThat(client.controls).hasSizeBetween(2, 20);
    assertThat(client.controls).last().isEqualTo("pong " + "p".repeat(100) + 999);
  }
}
