package io.baton.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.baton.codec.Codec;
import io.baton.codec.Protocol;
import io.baton.config.Settings;
import io.baton.config.Settings.LaneKind;
import io.baton.config.Settings.RouteOptions;
import io.baton.config.Settings.RouteTimeouts;
import io.baton.config.SettingsFixture;
import io.baton.credentials.Credentials;
import io.baton.service.Service;
import io.baton.worker.accesslog.AccessLogs;
import io.baton.worker.codec.http.HttpCodec;
import io.baton.worker.codec.http.HttpRouter;
import io.baton.worker.codec.http.RoutedHttpCodec;
import io.baton.worker.codec.raw.RawCodec;
import io.baton.worker.identity.AuthenticationCounters;
import io.baton.worker.session.Route;
import io.baton.worker.spool.Spool;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RoutesTest {
  private static final Map<String, Codec<?, ?>> CODECS =
      Map.of(
          "raw", new RawCodec(),
          "http", new HttpCodec(SettingsFixture.http(""), InstantSource.system()));

  private static List<Route<?, ?>> resolve(Settings settings, Map<String, Offer<?, ?>> offers)
      throws BootException {
    return Routes.resolve(
        settings.listeners(),
        settings.codecs(),
        CODECS,
        offers,
        Spool.NONE,
        new HandshakeCounters(),
        new Guarding(Map.of(), new AuthenticationCounters()),
        Credentials.NONE,
        AccessLogs.none());
  }

  private static Settings listener(String codec) {
    return web("codec = " + codec + ", service = hello");
  }

  private static Settings routes(String... routes) {
    return web("codec = http, routes { " + String.join(", ", routes) + " }");
  }

  private static Settings web(String hocon) {
    return SettingsFixture.settings("listeners.web { endpoint = \"unix:x\", " + hocon + " }");
  }

  private static <I, O> Map<String, Offer<?, ?>> offer(Class<I> in, Class<O> out) {
    Service<I, O> service = (_, _) -> {};
    return Map.of("hello", new Offer<>("examples", "hello", in, out, () -> service));
  }

  private static void assertRefused(String codec, Map<String, Offer<?, ?>> offers, String... said) {
    assertRefused(listener(codec), offers, said);
  }

  @Test
  void anAuthenticatorThatNoModuleHasIsRefused() {
    Map<String, Offer<?, ?>> hello = offer(FullHttpRequest.class, HttpObject.class);
    assertRefused(
        web("codec = http, service = hello, authenticator = staff"),
        hello,
        "baton.listeners.web.authenticator: found the unknown authenticator staff, but no module has");
    assertRefused(
        routes("\"/a\" = { codec = http, service = hello, authenticator = staff }"),
        hello,
        "baton.listeners.web.routes.\"/a\".authenticator: found the unknown authenticator staff");
  }

  @Test
  void theSameTypesFit() throws Exception {
    assertThat(resolve(listener("raw"), offer(ByteBuf.class, ByteBuf.class)))
        .singleElement()
        .extracting("listener")
        .isEqualTo("web");
  }

  @Test
  void aServiceMayReceiveMoreAndSendLess() throws Exception {
    assertThat(resolve(listener("http"), offer(HttpRequest.class, FullHttpResponse.class)))
        .hasSize(1);
  }

  @Test
  void typesThatDoNotFitAreRefusedByName() {
    assertRefused(
        "raw",
        offer(FullHttpRequest.class, ByteBuf.class),
        "baton.listeners.web.service: ",
        "codec raw",
        "service hello of module examples",
        FullHttpRequest.class.getName(),
        ByteBuf.class.getName());
  }

  @Test
  void whatIsUnknownIsRefusedWithWhatIsKnown() {
    assertRefused(
        "htpp",
        Map.of(),
        "baton.listeners.web.codec: found the unknown codec htpp, allowed http, raw, websocket");
    assertRefused(
        "raw",
        Map.of(),
        "baton.listeners.web.service: found the unknown service hello, but no module has any");
  }

  private static String route(String path, String codec, String service) {
    return "\"%s\" { codec = %s, service = %s }".formatted(path, codec, service);
  }

  private static void assertRefused(
      Settings settings, Map<String, Offer<?, ?>> offers, String... said) {
    assertThatExceptionOfType(BootException.class)
        .isThrownBy(() -> resolve(settings, offers))
        .satisfies(e -> assertThat(e.line()).contains(said));
  }

  private static Map<String, Offer<?, ?>> helloAndChat() {
    Map<String, Offer<?, ?>> offers = new HashMap<>(offer(HttpRequest.class, HttpObject.class));
    Service<WebSocketFrame, WebSocketFrame> chat = (_, _) -> {};
    offers.put(
        "chat",
        new Offer<>("examples", "chat", WebSocketFrame.class, WebSocketFrame.class, () -> chat));
    return offers;
  }

  @Test
  void aListenerWithRoutesIsHttpAndKnowsWhatItMayBecome() throws Exception {
    Map<String, Offer<?, ?>> offers = helloAndChat();
    Route<?, ?> route =
        resolve(routes(route("/", "http", "hello"), route("/ws/*", "websocket", "chat")), offers)
            .getFirst();

    assertThat(route.protocol().codec()).isInstanceOf(RoutedHttpCodec.class);
    assertThat(route.protocol().service().get()).isInstanceOf(HttpRouter.class);
    assertThat(route.protocol().service().get()).isNotSameAs(route.protocol().service().get());
    assertThat(route.upgrades()).extracting(Protocol::name).containsExactly("/ws/*");
  }

  @Test
  void aRoutesOwnOptionsHoldForItsRequestsOrForWhatItLeadsTo() throws Exception {
    Map<String, Offer<?, ?>> offers = helloAndChat();
    Route<?, ?> route =
        resolve(
                routes(
                    route("/", "http", "hello"),
                    "\"/report\" { codec = http, service = hello, lane = virtual }",
                    "\"/ws\" { codec = websocket, service = chat, lane = ring, window-bytes = 9 }",
                    "\"/other\" { codec = websocket, service = chat, idle-timeout = 5s }"),
                offers)
            .getFirst();
    long usual = RouteTimeouts.AS_LISTENER;
    assertThat(route.own())
        .isEqualTo(
            Map.of(
                "/report", new RouteOptions(LaneKind.VIRTUAL, null, RouteTimeouts.NONE),
                "/ws",
                    new RouteOptions(LaneKind.RING, new Settings.Window(0, 9), RouteTimeouts.NONE),
                "/other",
                    new RouteOptions(null, null, new RouteTimeouts(usual, 5_000, usual, usual))));
    assertThat(route.upgrades()).extracting(Protocol::name).contains("/ws", "/other");
    assertThat(route.lanes()).containsExactly(LaneKind.LOOP, LaneKind.RING, LaneKind.VIRTUAL);
  }

  @Test
  void aListenerOfWebSocketsIsHttpThatUpgradesEverywhere() throws Exception {
    Route<?, ?> route =
        resolve(listener("websocket"), offer(WebSocketFrame.class, WebSocketFrame.class))
            .getFirst();
    assertThat(route.protocol().codec()).isInstanceOf(RoutedHttpCodec.class);
    assertThat(route.upgrades()).extracting(Protocol::name).containsExactly("/*");
  }

  @Test
  void aRouteThatDoesNotFitIsRefusedByItsPath() {
    assertRefused(
        routes(route("/a", "http", "hello")),
        offer(WebSocketFrame.class, WebSocketFrame.class),
        "baton.listeners.web.routes.\"/a\".service: found the service hello of module examples",
        "for codec http, which reads",
        WebSocketFrame.class.getName());
    assertRefused(
        routes(route("/a", "websocket", "hello")),
        offer(HttpRequest.class, HttpObject.class),
        "for codec websocket, which reads",
        WebSocketFrame.class.getName());
  }

  @Test
  void aServiceThatWantsWholeRequestsIsRefusedWhereBodiesAreStreamed() {
    assertRefused(
        routes("\"/a\" { codec = http, service = hello, body = stream, max-content = 1 }"),
        offer(FullHttpRequest.class, HttpObject.class),
        "for codec http with body = stream, which reads " + HttpObject.class.getName(),
        "service hello of module examples, which receives " + FullHttpRequest.class.getName());
  }

  @Test
  void whatARouteDoesNotKnowIsRefusedWithWhatItKnows() {
    assertRefused(
        routes(route("/a", "raw", "hello")),
        Map.of(),
        "baton.listeners.web.routes.\"/a\".codec: found the unknown codec raw, allowed http, link, websocket");
    assertRefused(
        routes(route("/a", "http", "helo")),
        offer(HttpRequest.class, HttpObject.class),
        "baton.listeners.web.routes.\"/a\".service: found the unknown service helo, allowed hello");
  }

  @Test
  void allThatListenersAndRoutesNameInVainIsToldAtOnce() {
    Settings settings =
        SettingsFixture.settings(
            """
            listeners.one { endpoint = "unix:1", codec = raw, service = nobody }
            listeners.web {
              endpoint = "unix:2", codec = http
              routes { "/a" = helo, "/b" = hello, "/c/{id}" = hallo }
            }
            """);
    assertThatExceptionOfType(BootException.class)
        .isThrownBy(() -> resolve(settings, offer(HttpRequest.class, HttpObject.class)))
        .satisfies(e ->
            assertThat(e.lines())
                .containsExactly(
                    "baton.listeners.one.service: found the unknown service nobody, allowed hello",
                    "baton.listeners.web.routes.\"/a\".service: found the unknown service helo,"
                        + " allowed hello",
                    "baton.listeners.web.routes.\"/c/{id}\".service: found the unknown service"
                        + " hallo, allowed hello"));
  }
}
