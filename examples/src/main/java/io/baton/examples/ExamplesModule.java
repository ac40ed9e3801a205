package io.baton.examples;

import io.baton.codec.Codec;
import io.baton.codec.CodecModule;
import io.baton.codec.http.HttpExchange;
import io.baton.codec.http.HttpService;
import io.baton.codec.http.StaticFiles;
import io.baton.link.json.JsonTypes;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.link.service.LinkService;
import io.baton.link.types.Types;
import io.baton.service.Principal;
import io.baton.service.metrics.Counter;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The services and the codec of this jar.
 *
 * <table>
 * <caption>Services, and the codecs of listeners they are for</caption>
 * <tr><td>{@code hello}</td><td>http</td><td>greets</td></tr>
 * <tr><td>{@code echo}</td><td>raw, frame</td><td>sends back what it gets</td></tr>
 * <tr><td>{@code echo-line}</td><td>line, nul</td><td>sends it back with a number</td></tr>
 * <tr><td>{@code echo-websocket}</td><td>websocket</td><td>sends back what it gets</td></tr>
 * <tr><td>{@code upload}</td><td>http, body whole or stream</td><td>counts and hashes</td></tr>
 * <tr><td>{@code ticks}</td><td>http</td><td>sends an event each second, for as long as its client
 *     wants</td></tr>
 * <tr><td>{@code pulse-page}</td><td>http</td><td>a page that shows what {@code pulse} tells at
 *     {@code pulse}, next to it</td></tr>
 * <tr><td>{@code tally}</td><td>http</td><td>counts for each {@code ?key=NAME}, in the worker that
 *     holds the key</td></tr>
 * <tr><td>{@code who-am-i}</td><td>http</td><td>tells each client who it is</td></tr>
 * <tr><td>{@code pulse}</td><td>websocket</td><td>tells every second who serves it</td></tr>
 * <tr><td>{@code counter-page}</td><td>http, at {@code /counter/*}</td><td>a page that comes back
 *     to its session of {@code counter} at {@code /counter/socket}</td></tr>
 * <tr><td>{@code counter}</td><td>websocket</td><td>numbers its messages and sends again what its
 *     client has missed</td></tr>
 * <tr><td>{@code chat-page}</td><td>http, at {@code /chat/*}</td><td>a page with rooms to talk in,
 *     at {@code /chat/socket}</td></tr>
 * <tr><td>{@code chat}</td><td>websocket</td><td>a member of a room over all workers</td></tr>
 * <tr><td>{@code greeter-page}</td><td>http, at {@code /greeter/*}</td><td>a page with a session of
 *     Link at {@code /greeter/link}</td></tr>
 * <tr><td>{@code greeter}</td><td>link</td><td>greets whoever says hello, and counts the
 *     greetings; {@link GreeterClient} is a client</td></tr>
 * <tr><td>{@code greeter-json}</td><td>link</td><td>the same, with messages that are JSON</td></tr>
 * </table>
 *
 * <p>The codec is {@code nul}, the authenticator is {@code token}. The module's block, with its
 * defaults; {@code tokens} has the SHA-256 of each client's token, by the client's name:
 *
 * <pre>
 *   baton.modules.examples { greeting = "Hello, World!", tokens {} }
 * </pre>
 */
public final class ExamplesModule implements CodecModule {
  private static final int MAX_NUL_LENGTH = 64 * 1024;

  @Override
  public String name() {
    return "examples";
  }

  @Override
  public void start(Context context) {
    context.service("echo-line", String.class, String.class, EchoLineService::new);
    context.service("echo", ByteBuf.class, ByteBuf.class, EchoService::new);
    context.service(
        "echo-websocket",
        WebSocketFrame.class,
        WebSocketFrame.class,
        new EchoWebSocketService.Echoing());
    String greeting = greeting(context);
    Counter greetings = context.metrics().counter("greetings", "Clients greeted by hello");
    context.service(
        "hello",
        FullHttpRequest.class,
        HttpObject.class,
        () -> new HelloService(greeting, greetings));
    context.service("upload", HttpObject.class, HttpObject.class, UploadService::new);
    context.service(
        "who-am-i",
        FullHttpRequest.class,
        HttpObject.class,
        HttpService.of(ExamplesModule::whoAmI));
    context.service("ticks", FullHttpRequest.class, HttpObject.class, HttpService.of(new Ticks()));
    Tally tally = Tally.offeredBy(context.services());
    context.service("tally", FullHttpRequest.class, HttpObject.class, HttpService.of(tally));
    context.authenticator("token", TokenAuthenticator.of(tokens(context)));
    StaticFiles page = StaticFiles.of(getClass().getClassLoader(), "pulse", List.of("index.html"));
    context.service("pulse-page", FullHttpRequest.class, HttpObject.class, () -> page);
    long pid = ProcessHandle.current().pid();
    context.service(
        "pulse", WebSocketFrame.class, WebSocketFrame.class, () -> new PulseService(pid));
    StaticFiles counter =
        StaticFiles.of(
                getClass().getClassLoader(),
                "counter",
                List.of("index.html", "resumable-socket.js"))
            .at("/counter/*");
    context.service("counter-page", FullHttpRequest.class, HttpObject.class, () -> counter);
    context.service(
        "counter", WebSocketFrame.class, WebSocketFrame.class, () -> new CounterService(pid));
    StaticFiles chat =
        StaticFiles.of(
                getClass().getClassLoader(), "chat", List.of("index.html", "resumable-socket.js"))
            .at("/chat/*");
    context.service("chat-page", FullHttpRequest.class, HttpObject.class, () -> chat);
    context.service(
        "chat", WebSocketFrame.class, WebSocketFrame.class, new ChatDoors(context.topics()));
    StaticFiles greeter =
        StaticFiles.of(
                getClass().getClassLoader(),
                "greeter",
                List.of("index.html", "link.js", "link-wire.js"))
            .at("/greeter/*");
    context.service("greeter-page", FullHttpRequest.class, HttpObject.class, () -> greeter);
    Types<Talk> talk = Types.of(Talk.class);
    context.service(
        "greeter", LinkInput.class, LinkOutput.class, LinkService.of(talk, talk, Greeter::new));
    Types<Talk> json = JsonTypes.of(Talk.class);
    context.service(
        "greeter-json",
        LinkInput.class,
        LinkOutput.class,
        LinkService.of(json, json, Greeter::new));
  }

  @Override
  public Map<String, Codec<?, ?>> codecs() {
    return Map.of(NulCodec.NAME, new NulCodec(MAX_NUL_LENGTH));
  }

  static void whoAmI(HttpExchange exchange) {
    exchange.text(exchange.session().principal().map(Principal::name).orElse("nobody") + "\n");
  }

  private static String greeting(Context context) {
    return switch (context.config().getOrDefault("greeting", "Hello, World!")) {
      case String text -> text;
      case Object other ->
          throw new IllegalArgumentException(
              "baton.modules.examples.greeting is " + other + "; allowed: a text");
    };
  }

  private static Map<String, String> tokens(Context context) {
    if (!(context.config().getOrDefault("tokens", Map.of()) instanceof Map<?, ?> block)) {
      throw new IllegalArgumentException(
          "baton.modules.examples.tokens is no block; allowed: { NAME = \"SHA-256\", ... }");
    }
    Map<String, String> tokens = new TreeMap<>();
    block.forEach((name, hash) -> tokens.put(String.valueOf(name), String.valueOf(hash)));
    return tokens;
  }
}
