package io.baton.worker.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.Configuration;
import io.baton.config.SettingsReader;
import io.baton.credentials.TestFiles;
import io.baton.credentials.TicketSecret;
import io.baton.pipe.Load;
import io.baton.worker.NoLeaks;
import io.baton.worker.channel.Cover;
import io.baton.worker.codec.http.HttpCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslCompletionEvent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The JDK's client and our server, whose wire is in the test's hands. */
@ExtendWith(NoLeaks.class)
class HandshakeTest {
  private static final String LISTENER = "shop";

  /** What a handshake books, in bytes. */
  private static final long SIZE_OF_ONE = 48 * 1024;

  /** What it books for a record that is not whole, whose buffer may be twice as large. */
  private static final long MOST_OF_A_RECORD = 2 * (16 * 1024 + 2048);

  @TempDir private Path dir;

  private final List<String> told = new ArrayList<>();
  private final StringBuilder received = new StringBuilder();
  private final List<EmbeddedChannel> channels = new ArrayList<>();
  private final List<TlsConnections> servers = new ArrayList<>();
  private final byte[] tickets = TicketSecret.random(System.currentTimeMillis()).encode();
  private PlaintextReply plaintext = PlaintextReply.NONE;
  private long held;

  /** What stands behind in the pipeline. */
  private final class Application extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      told.add("active");
      var _ = ctx.writeAndFlush(text("welcome "));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ByteBuf bytes = (ByteBuf) msg;
      received.append(bytes.toString(StandardCharsets.US_ASCII));
      var _ = ctx.writeAndFlush(bytes);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
      if (evt instanceof SslCompletionEvent) {
        told.add(evt.toString()); // the engine's, whose coming and going is nobody's matter here
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      told.add("inactive");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      told.add(cause.toString());
    }
  }

  private final class TestArrival implements Arrival {
    @Override
    public PlaintextReply plaintextReply() {
      return plaintext;
    }

    @Override
    public void arrived() {
      told.add("arrived");
    }

    @Override
    public void secured(List<X509Certificate> certificates) {
      certificates.forEach(each -> told.add(each.getSubjectX500Principal().getName()));
    }

    @Override
    public void failed() {
      told.add("failed");
    }
  }

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  private TlsConnections server(String tls) throws Exception {
    Path file =
        Files.writeString(
            dir.resolve("baton.conf"),
            """
            baton.listeners.%s {
              endpoint = "unix:shop", codec = http, service = s
              tls { certificates = [%s, %s], %s }
            }
            """
                .formatted(
                    LISTENER, TestFiles.identity("ec", dir), TestFiles.identity("rsa", dir), tls));
    Configuration configuration = SettingsReader.read(file, Map.of(), dir);
    TlsConnections server =
        TlsConnections.of(
            configuration.settings().listeners(),
            configuration.credentials(),
            TicketSecret.decode(tickets),
            more -> held += more);
    servers.add(server);
    return server;
  }

  /** A server whose clients are to speak http inside. */
  private TlsConnections web() throws Exception {
    TlsConnections server = server("");
    Configuration defaults = SettingsReader.read(dir.resolve("baton.conf"), Map.of(), dir);
    plaintext = new HttpCodec(defaults.settings().codecs().http(), InstantSource.system());
    return server;
  }

  /** A connection to it, before its first byte. */
  private EmbeddedChannel accept(TlsConnections server) {
    EmbeddedChannel ours = new EmbeddedChannel(false, false);
    server.cover(ours, LISTENER, new TestArrival());
    ours.pipeline().addLast(new Application());
    try {
      ours.register();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    channels.add(ours);
    return ours;
  }

  private SslHandler client(@Nullable String name, String... versions) throws Exception {
    SslContext context =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .protocols(versions)
            .trustManager(TestFiles.put("authority.pem", dir).toFile())
            .endpointIdentificationAlgorithm(
                "") // which certificate it is shown is the test's matter
            .build();
    return name == null
        ? context.newHandler(UnpooledByteBufAllocator.DEFAULT)
        : context.newHandler(UnpooledByteBufAllocator.DEFAULT, name, 443);
  }

  private EmbeddedChannel connect(SslHandler client) {
    EmbeddedChannel peer = new EmbeddedChannel(client);
    channels.add(peer);
    return peer;
  }

  /** How what one side has sent comes to the other. */
  enum Way {
    AS_WRITTEN,
    WHOLE,
    BY_BYTE
  }

  private Way way = Way.AS_WRITTEN;

  private boolean pump(EmbeddedChannel from, EmbeddedChannel to) {
    List<ByteBuf> all = new ArrayList<>();
    for (ByteBuf each; (each = from.readOutbound()) != null; ) {
      all.add(each);
    }
    if (all.isEmpty()) {
      return false;
    }
    switch (way) {
      case AS_WRITTEN -> all.forEach(each -> deliver(each, to));
      case WHOLE -> deliver(Unpooled.wrappedBuffer(all.toArray(ByteBuf[]::new)), to);
      case BY_BYTE -> {
        for (ByteBuf each : all) {
          while (each.isReadable()) {
            deliver(each.readRetainedSlice(1), to);
          }
          each.release();
        }
      }
    }
    return true;
  }

  private static void deliver(ByteBuf bytes, EmbeddedChannel to) {
    if (to.isOpen()) {
      to.writeInbound(bytes);
    } else {
      bytes.release();
    }
  }

  private void talk(EmbeddedChannel one, EmbeddedChannel other) {
    for (boolean any = true; any; ) {
      one.runPendingTasks();
      other.runPendingTasks();
      boolean there = pump(one, other);
      boolean back = pump(other, one);
      any = there || back;
    }
  }

  private static String read(EmbeddedChannel channel) {
    StringBuilder all = new StringBuilder();
    for (ByteBuf each; (each = channel.readInbound()) != null; each.release()) {
      all.append(each.toString(StandardCharsets.US_ASCII));
    }
    return all.toString();
  }

  @AfterEach
  void close() {
    channels.forEach(EmbeddedChannel::finishAndReleaseAll);
    servers.forEach(TlsConnections::close);
    assertThat(held).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "TLSv1.3, java, true, AS_WRITTEN",
    "TLSv1.3, java, true, WHOLE",
    "TLSv1.3, java, true, BY_BYTE",
    "TLSv1.3, engine, false, WHOLE",
    "TLSv1.2, java, false, WHOLE",
    "TLSv1.2, java, false, BY_BYTE"
  })
  void theConnectionBeginsOnceTheHandshakeIsOver(
      String version, String records, boolean moves, Way comes) throws Exception {
    way = comes;
    TlsConnections server = server("records = " + records);
    EmbeddedChannel ours = accept(server);
    assertThat(server.handshakes().isEmpty()).isFalse();
    EmbeddedChannel peer = connect(client("localhost", version));
    var _ = peer.write(text("hello"));
    peer.flush();
    talk(peer, ours);
    assertThat(told).containsExactly("arrived", "active");
    assertThat(received).hasToString("hello");
    assertThat(read(peer)).isEqualTo("welcome hello");
    Cover cover = ours.pipeline().get(Cover.class);
    assertThat(cover.whyItStays() == null).isEqualTo(moves);
    assertThat(ours.pipeline().get(SslHandler.class) == null).isEqualTo(moves);
    assertThat(cover.give().isPresent()).isEqualTo(moves);
    assertEnded(server, 1, 0);
  }

  private static void assertEnded(TlsConnections server, int done, int failed) {
    assertThat(server.handshakes().isEmpty()).isTrue();
    assertThat(server.handshakes().count()).isEqualTo(new Load.Handshakes(done, 0, failed));
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, ec",
    "a.example.org, ec",
    "A.Example.ORG, ec",
    "shop.example.net, rsa",
    "unknown.example.com, ec",
    ", ec"
  })
  void theCertificateIsTheOneForTheName(@Nullable String name, String subject) throws Exception {
    for (String version : List.of("TLSv1.3", "TLSv1.2")) {
      SslHandler client = client(name, version);
      talk(connect(client), accept(server("")));
      X509Certificate shown =
          (X509Certificate) client.engine().getSession().getPeerCertificates()[0];
      assertThat(shown.getSubjectX500Principal().getName()).isEqualTo("CN=" + subject);
    }
  }

  @Test
  void whoSpeaksNoTlsHearsOfItAndTheSessionNothing() throws Exception {
    TlsConnections server = server("");
    EmbeddedChannel ours = accept(server);
    ours.writeInbound(text("GET / HTTP/1.1\r\n\r\n"));
    ours.runPendingTasks();
    assertThat(ours.isOpen()).isFalse();
    assertThat(told).containsExactly("arrived", "failed");
    assertEnded(server, 0, 1);
  }

  private static String written(EmbeddedChannel by) {
    StringBuilder all = new StringBuilder();
    for (ByteBuf each; (each = by.readOutbound()) != null; each.release()) {
      all.append(each.toString(StandardCharsets.ISO_8859_1));
    }
    return all.toString();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 6, 7, 100})
  void aRequestThatIsNotEncryptedIsAnsweredInTheClear(int pieces) throws Exception {
    TlsConnections server = web();
    EmbeddedChannel ours = accept(server);
    ByteBuf request = text("DELETE /thing HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while (request.isReadable()) {
      int length = Math.min(pieces, request.readableBytes());
      deliver(request.readRetainedSlice(length), ours);
      ours.runPendingTasks();
    }
    request.release();
    assertThat(written(ours)).startsWith("HTTP/1.1 400 ").endsWith(" in the address.\n");
    assertThat(ours.isOpen()).isFalse();
    assertThat(told).containsExactly("arrived", "failed");
    assertEnded(server, 0, 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "68656c6c6f20776f726c640d0a", // hello world
        "800e0103010003000000020700c00102", // a ClientHello of SSLv2
        "160301000401000000", // a record of TLS with a ClientHello that is broken
        "160300000048454144202f", // an empty record, then HEAD /
        "00000000000000000000"
      })
  void whatIsNoRequestIsNotAnsweredInTheClear(String first) throws Exception {
    TlsConnections server = web();
    EmbeddedChannel ours = accept(server);
    ours.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex(first)));
    ours.runPendingTasks();
    assertThat(written(ours)).doesNotContain("HTTP");
    assertThat(ours.isOpen()).isFalse();
    assertEnded(server, 0, 1);
  }

  @Test
  void whoEncryptsIsServedWhereOthersAreAnsweredInTheClear() throws Exception {
    TlsConnections server = web();
    way = Way.BY_BYTE;
    EmbeddedChannel peer = connect(client("localhost", "TLSv1.3"));
    talk(peer, accept(server));
    assertThat(read(peer)).isEqualTo("welcome ");
    assertEnded(server, 1, 0);
  }

  /** As large as BoringSSL takes it, nearly, of which most are protocols that nobody knows. */
  private SslHandler largeClient(String version) throws Exception {
    List<String> protocols = new ArrayList<>();
    for (int i = 0; i < 62; i++) {
      protocols.add("%03d".formatted(i).repeat(83));
    }
    protocols.add("http/1.1");
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.JDK)
        .protocols(version)
        .trustManager(TestFiles.put("authority.pem", dir).toFile())
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                protocols))
        .build()
        .newHandler(UnpooledByteBufAllocator.DEFAULT, "localhost", 443);
  }

  /** Returns what is in the records of a client's first flight. */
  private static ByteBuf hello(EmbeddedChannel peer) {
    ByteBuf message = Unpooled.buffer();
    for (ByteBuf each; (each = peer.readOutbound()) != null; each.release()) {
      while (each.isReadable()) {
        each.skipBytes(3);
        message.writeBytes(each, each.readUnsignedShort());
      }
    }
    return message;
  }

  private static ByteBuf record(ByteBuf message, int length) {
    return Unpooled.buffer()
        .writeBytes(new byte[] {22, 3, 1})
        .writeShort(length)
        .writeBytes(message, length);
  }

  @ParameterizedTest
  @CsvSource({
    "TLSv1.3, 1",
    "TLSv1.3, 3",
    "TLSv1.3, 1000",
    "TLSv1.3, 16384",
    "TLSv1.2, 1",
    "TLSv1.2, 1000"
  })
  void aLargeHelloInManyRecordsIsReadAsOne(String version, int size) throws Exception {
    way = Way.BY_BYTE;
    EmbeddedChannel ours = accept(server(""));
    SslHandler client = largeClient(version);
    EmbeddedChannel peer = connect(client);
    ByteBuf message = hello(peer);
    assertThat(message.readableBytes()).isBetween(15_700, 16_384);
    while (message.isReadable()) {
      deliver(record(message, Math.min(size, message.readableBytes())), ours);
    }
    message.release();
    talk(peer, ours);
    assertThat(told).containsExactly("arrived", "active");
    assertThat(read(peer)).isEqualTo("welcome ");
    assertThat(client.applicationProtocol()).isEqualTo("http/1.1");
  }

  /** It is not waited for what they say will come: of the first, 16 MB. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "16 03 01 00 04 01 ff ff ff", // a message of 16 MB
        "16 03 01 00 04 01 00 40 01", // of one byte more than is allowed
        "16 03 01 ff ff", // a record of 64 KiB
        "16 03 01 48 01", // of one byte more than is allowed
        "16 03 01 00 04 02 00 00 00", // a server's message
        "17 03 03 00 10", // content
        "14 03 03 00 01 01", // a change of ciphers before there is one
        "15 03 01 00 02 02 28", // an alert
        "18 03 01 40 00", // a heartbeat
        "80 2e 01 03 01 00 15 00 00 00 10", // a hello of SSL 2
        "00 00 00 00 00 00 00 00"
      })
  void aHelloThatIsNoneOrClaimsTooMuchEndsTheConnection(String bytes) throws Exception {
    TlsConnections server = server("");
    EmbeddedChannel ours = accept(server);
    ByteBuf sent = Unpooled.wrappedBuffer(HexFormat.ofDelimiter(" ").parseHex(bytes));
    if (bytes.startsWith("17")) {
      sent = Unpooled.wrappedBuffer(sent, Unpooled.buffer(16).writeZero(16));
    }
    ours.writeInbound(sent);
    ours.runPendingTasks();
    assertThat(ours.isOpen()).isFalse();
    assertThat(told).containsExactly("arrived", "failed");
    assertThat(server.handshakes().isEmpty()).isTrue();
    assertThat(held).isZero();
  }

  @ParameterizedTest
  @CsvSource({"TLSv1.2, java", "TLSv1.3, engine"})
  void partOfARecordIsBookedWithTheEngineTooAndOneThatIsTooLongIsNotWaitedFor(
      String version, String records) throws Exception {
    EmbeddedChannel ours = accept(server("records = " + records));
    EmbeddedChannel peer = connect(client("localhost", version));
    talk(peer, ours);
    var _ = peer.writeAndFlush(text("hello".repeat(2_000)));
    ByteBuf sealed = peer.readOutbound();
    long before = held;
    ours.writeInbound(sealed.readRetainedSlice(9_000));
    assertThat(held).isGreaterThanOrEqualTo(before + 9_000);
    deliver(sealed, ours);
    talk(peer, ours);
    assertThat(held).isEqualTo(before);
    assertThat(received).hasToString("hello".repeat(2_000));
    told.clear();
    ours.writeInbound(Unpooled.wrappedBuffer(new byte[] {23, 3, 3, 0x48, 1}));
    assertThat(told).singleElement().asString().contains("not a record");
  }

  @Test
  void recordsWithoutContentEndTheConnection() throws Exception {
    EmbeddedChannel ours = accept(server(""));
    for (int i = 0; i < 33 && ours.isOpen(); i++) {
      ours.writeInbound(Unpooled.wrappedBuffer(new byte[] {22, 3, 1, 0, 0}));
      ours.runPendingTasks();
    }
    assertThat(ours.isOpen()).isFalse();
    assertThat(told).containsExactly("arrived", "failed");
  }

  /**
   * As many clients as may be under way hold as much as each of them can; two that are one too many
   * hold nothing. Then some go, and the others are late.
   */
  @ParameterizedTest
  @ValueSource(ints = {1_000, 16_384})
  void helloesThatStopShortHoldSoMuchAtMostAndThenNothing(int size) throws Exception {
    TlsConnections server = server("handshake-timeout = 5s");
    ByteBuf message = hello(connect(largeClient("TLSv1.3")));
    ByteBuf sent = Unpooled.buffer();
    int last = 5 + message.readableBytes() % size;
    while (message.isReadable()) {
      ByteBuf next = record(message, Math.min(size, message.readableBytes()));
      sent.writeBytes(next);
      next.release();
    }
    message.release();
    List<EmbeddedChannel> clients = new ArrayList<>();
    for (int i = 0; i < Handshakes.MAX + 2; i++) {
      EmbeddedChannel ours = accept(server);
      ours.freezeTime();
      clients.add(ours);
      for (int at = 0; at < sent.readableBytes() - 1 && ours.config().isAutoRead(); at += 1_000) {
        int length = Math.min(1_000, sent.readableBytes() - 1 - at);
        ours.writeInbound(sent.copy(at, length));
      }
    }
    assertThat(clients).filteredOn(each -> !each.config().isAutoRead()).hasSize(2);
    assertThat(held)
        .isBetween(
            Handshakes.MAX * (SIZE_OF_ONE + last - 1),
            Handshakes.MAX * (SIZE_OF_ONE + MOST_OF_A_RECORD));
    for (int i = 0; i < clients.size(); i++) {
      EmbeddedChannel ours = clients.get(i);
      if (i % 2 == 0) {
        var _ = ours.close();
      } else {
        ours.advanceTimeBy(6, TimeUnit.SECONDS);
      }
      ours.runPendingTasks();
    }
    sent.release();
    assertThat(clients).noneMatch(EmbeddedChannel::isOpen);
    assertThat(server.handshakes().isEmpty()).isTrue();
    assertThat(held).isZero();
  }

  @Test
  void whoTakesTooLongIsClosed() throws Exception {
    TlsConnections server = server("handshake-timeout = 5s");
    EmbeddedChannel ours = accept(server);
    ours.freezeTime();
    ours.advanceTimeBy(6, TimeUnit.SECONDS);
    ours.runPendingTasks();
    assertThat(ours.isOpen()).isFalse();
    assertThat(told).containsExactly("arrived", "failed");
    assertEnded(server, 0, 1);
  }

  @Test
  void onlySoManyAreUnderWayAndTheNextGetTheirTurn() throws Exception {
    TlsConnections server = server("");
    List<EmbeddedChannel> first = new ArrayList<>();
    for (int i = 0; i < Handshakes.MAX; i++) {
      first.add(accept(server));
    }
    EmbeddedChannel last = accept(server);
    EmbeddedChannel leaves = accept(server);
    assertThat(last.config().isAutoRead()).isFalse();
    assertThat(last.pipeline().get(SslHandler.class)).isNull();
    var _ = leaves.close();
    var _ = first.getFirst().close();
    first.getFirst().runPendingTasks();
    assertThat(last.config().isAutoRead()).isTrue();
    EmbeddedChannel peer = connect(client("localhost", "TLSv1.3"));
    talk(peer, last);
    assertThat(read(peer)).isEqualTo("welcome ");
    server.handshakes().abort();
    assertEnded(server, 1, Handshakes.MAX + 1); // with the one that left before its turn
    assertThat(first).noneMatch(EmbeddedChannel::isOpen);
  }

  /** A client that is cut off within what it sends last leaves nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void itMayEndAtEveryByteOfTheLastFlight(String version) throws Exception {
    TlsConnections server = server("");
    int length = Integer.MAX_VALUE;
    for (int cut = 0; cut < length; cut += 11) {
      told.clear();
      EmbeddedChannel ours = accept(server);
      EmbeddedChannel peer = connect(client("localhost", version));
      pump(peer, ours);
      pump(ours, peer);
      ByteBuf last = Unpooled.buffer();
      for (ByteBuf each; (each = peer.readOutbound()) != null; each.release()) {
        last.writeBytes(each);
      }
      length = last.readableBytes();
      ours.writeInbound(last.readRetainedSlice(cut));
      last.release();
      var _ = ours.close();
      ours.runPendingTasks();
      assertThat(told).containsExactly("arrived", "failed");
      assertThat(held).isZero();
      peer.finishAndReleaseAll();
    }
    assertThat(length).isBetween(50, 1_000);
    assertThat(server.handshakes().isEmpty()).isTrue();
  }

  /** A client that sends its flight byte by byte, cut off at each of them, leaves nothing. */
  @Test
  void itMayEndAtEveryByte() throws Exception {
    TlsConnections server = server("");
    EmbeddedChannel peer = connect(client("localhost", "TLSv1.3"));
    ByteBuf hello = peer.readOutbound();
    for (int cut = 0; cut < hello.readableBytes(); cut += 7) {
      EmbeddedChannel ours = accept(server);
      for (int i = 0; i < cut; i++) {
        ours.writeInbound(hello.retainedSlice(i, 1));
      }
      var _ = ours.close();
      ours.runPendingTasks();
      assertThat(held).isZero();
    }
    hello.release();
    assertThat(server.handshakes().isEmpty()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "optional, false, true",
    "optional, true, true",
    "require, true, true",
    "require, false, false"
  })
  void clientsShowTheirsIfTheyAreAsked(String rule, boolean shows, boolean served)
      throws Exception {
    TlsConnections server =
        server(
            "client-auth = %s, client-ca = \"%s\""
                .formatted(rule, TestFiles.put("authority.pem", dir)));
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .trustManager(TestFiles.put("authority.pem", dir).toFile());
    if (shows) {
      builder.keyManager(
          TestFiles.put("client.pem", dir).toFile(), TestFiles.put("client.key", dir).toFile());
    }
    EmbeddedChannel ours = accept(server);
    EmbeddedChannel peer =
        connect(builder.build().newHandler(UnpooledByteBufAllocator.DEFAULT, "localhost", 443));
    try {
      talk(peer, ours);
    } catch (Exception _) {
      assertThat(served).isFalse(); // the client is told
    }
    if (!served) {
      assertThat(told).containsExactly("arrived", "failed");
      assertEnded(server, 0, 1);
    } else if (shows) {
      assertThat(told).containsExactly("arrived", "CN=client", "CN=Test authority", "active");
      ByteBuffer cover = ours.pipeline().get(Cover.class).give().orElseThrow();
      assertThat(RecordsHandler.resume(cover, _ -> {}).certificates())
          .extracting(each -> each.getSubjectX500Principal().getName())
          .containsExactly("CN=client", "CN=Test authority");
    } else {
      assertThat(told).containsExactly("arrived", "active");
    }
  }

  private boolean resumes(SslContext client, TlsConnections server) {
    SslHandler handler = client.newHandler(UnpooledByteBufAllocator.DEFAULT, "localhost", 443);
    EmbeddedChannel ours = accept(server);
    EmbeddedChannel peer = connect(handler);
    var _ = peer.writeAndFlush(text("hello"));
    talk(peer, ours);
    assertThat(read(peer)).isEqualTo("welcome hello");
    boolean resumed =
        SSL.isSessionReused(((ReferenceCountedOpenSslEngine) handler.engine()).sslPointer());
    var _ = peer.close();
    talk(peer, ours);
    return resumed;
  }

  /** A client of the same library, which says whether it has resumed a session. */
  private SslContext resuming(String version) throws Exception {
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.OPENSSL_REFCNT)
        .protocols(version)
        .trustManager(TestFiles.put("authority.pem", dir).toFile())
        .keyManager(
            TestFiles.put("client.pem", dir).toFile(), TestFiles.put("client.key", dir).toFile())
        .endpointIdentificationAlgorithm("")
        .build();
  }

  @Test
  void aSessionIsResumedInAnotherWorker() throws Exception {
    SslContext client = resuming("TLSv1.3");
    assertThat(resumes(client, server(""))).isFalse();
    assertThat(resumes(client, server(""))).isTrue();
    assertThat(resumes(client, server(""))).as("a new ticket comes with each").isTrue();
    ReferenceCountUtil.release(client);
  }

  private boolean resumesAt(String other, String one) throws Exception {
    SslContext client = resuming("TLSv1.3");
    try {
      assertThat(resumes(client, server(one))).isFalse();
      return resumes(client, server(other));
    } finally {
      ReferenceCountUtil.release(client);
    }
  }

  @Test
  void noneIsWhereThereAreNoTickets() throws Exception {
    assertThat(resumesAt("", "tickets = false")).isFalse();
    assertThat(resumesAt("tickets = false", "")).isFalse();
  }

  @Test
  void noneIsWhereClientsHaveToShowSomethingElse() throws Exception {
    String ca = "client-ca = \"%s\"".formatted(TestFiles.put("authority.pem", dir));
    String otherCa = "client-ca = \"%s\"".formatted(TestFiles.put("rsa.pem", dir));
    assertThat(resumesAt("client-auth = optional, " + ca, "client-auth = optional, " + ca))
        .isTrue();
    assertThat(resumesAt("client-auth = require, " + ca, "client-auth = require, " + ca)).isTrue();
    assertThat(resumesAt("client-auth = optional, " + ca, "")).isFalse();
    assertThat(resumesAt("client-auth = require, " + ca, "client-auth = optional, " + ca))
        .isFalse();
    assertThat(resumesAt(otherCa, ca)).isFalse();
  }
}
