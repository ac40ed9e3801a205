package io.baton.link.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HandshakeTest {
  private static final byte[] FORMER = "the token before".getBytes(US_ASCII);
  private static final List<byte[]> TOKENS = List.of(Handshakes.TOKEN, FORMER);

  private final Random random = new Random(1);

  @Test
  void newSessionHasTheSameIdentityAndLimitsOnBothSides() {
    Limits own = new Limits(1_000, 2_000, 3_000, 4_000);
    Handshakes.Pair pair = Handshakes.open(own, Limits.DEFAULT, random);
    LinkIdentity client = pair.client().identity();
    LinkIdentity server = pair.server().identity();
    assertThat(client.id()).isEqualTo(server.id()).isEqualTo(Handshakes.ID);
    assertThat(client.secret()).isEqualTo(server.secret());
    assertThat(client.service()).isEqualTo(server.service()).isEqualTo("chat");
    assertThat(client.toString()).doesNotContain(hex(client.secret()));
    assertThat(pair.server().maxPayload()).isEqualTo(1_983);
    assertThat(pair.client().maxPayload()).isEqualTo((1 << 20) - 17);
  }

  @Test
  void handshakeIsTheSameWhereverItsBytesAreSplit() {
    ClientHandshake client = client(Handshakes.TOKEN);
    ServerHandshake server = server();
    for (int i = 0; client.read(one(server)) == ClientHandshake.State.WAITING; i++) {
      assertThat(i).isLessThan(1_000);
      server.read(one(client));
      if (server.state() == ServerHandshake.State.ASKED) {
        server.challenge(TOKENS, null);
      } else if (server.state() == ServerHandshake.State.PROVEN) {
        server.welcome(Handshakes.ID, 5);
      }
    }
    assertThat(client.core().identity().secret()).isEqualTo(server.core().identity().secret());
    assertThat(client.graceMillis()).isEqualTo(5);
  }

  @Test
  void serverSaysWhichTokenFits() {
    assertThat(opened(Handshakes.TOKEN, TOKENS).tokenIndex()).isEqualTo(0);
    assertThat(opened(FORMER, TOKENS).tokenIndex()).isEqualTo(1);
    assertThat(opened(null, List.of()).tokenIndex()).isEqualTo(-1);
  }

  @Test
  void clientWithAWrongTokenIsForbidden() {
    for (byte @Nullable [] wrong : new byte @Nullable [][] {null, "guessed".getBytes(US_ASCII)}) {
      ClientHandshake client = client(wrong);
      ServerHandshake server = server();
      Handshakes.run(client, server, TOKENS, null);
      assertThat(server.state()).isEqualTo(ServerHandshake.State.ENDED);
      assertThat(client.refusal().code()).isEqualTo(LinkCode.FORBIDDEN);
      assertThat(client.refusal().proven()).isFalse();
    }
  }

  @Test
  void serverWithoutTheTokenIsNotBelieved() {
    ClientHandshake client = client(Handshakes.TOKEN);
    ServerHandshake server = server();
    Handshakes.run(client, server, List.of(), null);
    assertThat(client.refusal().ends()).isFalse();

    ClientHandshake again = client(Handshakes.TOKEN);
    again.read(ByteBuffer.wrap(Frame.of(FrameType.CHALLENGE, new byte[16])));
    Welcome forged = new Welcome(new byte[16], new byte[32], 1, Limits.DEFAULT, null);
    byte[] key = Transcript.key("guessed".getBytes(US_ASCII), Transcript.NO_SECRET);
    assertThat(again.read(ByteBuffer.wrap(forged.toFrame(new Transcript(), key))))
        .isEqualTo(ClientHandshake.State.REFUSED);
    assertThat(again.refusal().code()).isEqualTo(LinkCode.FORBIDDEN);
  }

  @Test
  void everyChangeOfAByteOnTheWayIsNoticed() {
    int length = Handshakes.from(client(Handshakes.TOKEN)).remaining();
    for (int at = 0; at < length; at++) {
      ClientHandshake client = client(Handshakes.TOKEN);
      ServerHandshake server = server();
      ByteBuffer hello = Handshakes.from(client);
      hello.put(at, (byte) (hello.get(at) ^ 1));
      server.read(hello);
      if (server.state() == ServerHandshake.State.ASKED
          && server.request() instanceof Request.Hello changed
          && changed.resume() == null) {
        server.challenge(TOKENS, null);
        Handshakes.run(client, server, TOKENS, null);
      }
      assertThat(server.state()).as("byte %d", at).isNotEqualTo(ServerHandshake.State.WELCOMED);
    }
  }

  @Test
  void recordedHandshakeIsForbidden() {
    ClientHandshake client = client(Handshakes.TOKEN);
    ServerHandshake first = server();
    ByteBuffer hello = Handshakes.from(client);
    first.read(hello.duplicate());
    first.challenge(TOKENS, null);
    client.read(Handshakes.from(first));
    ByteBuffer proof = Handshakes.from(client);
    assertThat(first.read(proof.duplicate())).isEqualTo(ServerHandshake.State.PROVEN);

    ServerHandshake second = server();
    second.read(hello.duplicate());
    second.challenge(TOKENS, null);
    assertThat(second.read(proof.duplicate())).isEqualTo(ServerHandshake.State.ENDED);
  }

  @Test
  void resumeTakesTheSecret() {
    Handshakes.Pair pair = Handshakes.open(Limits.DEFAULT, Limits.DEFAULT, random);
    LinkIdentity known = pair.client().identity();
    LinkIdentity guessed = new LinkIdentity("chat", known.id(), new byte[32]);
    LinkCore thief = new LinkCore(new SessionFacts(guessed, true, Limits.DEFAULT, Limits.DEFAULT));
    assertThat(Handshakes.resume(thief, pair.server(), random))
        .isEqualTo(ClientHandshake.State.REFUSED);
    assertThat(pair.server().attached()).isTrue();
    assertThat(Handshakes.resume(pair.client(), pair.server(), random))
        .isEqualTo(ClientHandshake.State.WELCOMED);
  }

  @Test
  void olderAttemptDoesNotTakeTheSessionFromANewerOne() {
    Handshakes.Pair pair = Handshakes.open(Limits.DEFAULT, Limits.DEFAULT, random);
    LinkCore old = LinkCore.restore(pair.client().save());
    Handshakes.resume(pair.client(), pair.server(), random);
    ClientHandshake delayed =
        ClientHandshake.resume(old, Handshakes.TOKEN, Handshakes.NO_CREDENTIAL, random);
    Handshakes.run(delayed, server(), TOKENS, pair.server());
    assertThat(delayed.refusal().code()).isEqualTo(LinkCode.SUPERSEDED);
    assertThat(delayed.refusal().ends()).isTrue();
    assertThat(pair.server().attached()).isTrue();
  }

  @Test
  void resumeWithOtherLimitsOrOffsetsIsDiverged() {
    Handshakes.Pair pair = Handshakes.open(Limits.DEFAULT, Limits.DEFAULT, random);
    LinkIdentity identity = pair.client().identity();
    Limits other = new Limits(512, 512, 512, 512);
    LinkCore changed = new LinkCore(new SessionFacts(identity, true, other, Limits.DEFAULT));
    assertThat(refusalOf(changed, pair.server())).isEqualTo(LinkCode.DIVERGED);

    pair.client().define(0, ByteBuffer.allocate(1));
    pair.client().send(0, ByteBuffer.allocate(10));
    ByteBuffer sent = ByteBuffer.allocate(1_000);
    pair.client().write(sent);
    pair.server().read(sent.flip(), new RecordingEvents());
    LinkCore forgetful =
        new LinkCore(new SessionFacts(identity, true, Limits.DEFAULT, Limits.DEFAULT));
    forgetful.facts().attempt(7);
    ClientHandshake client =
        ClientHandshake.resume(forgetful, Handshakes.TOKEN, Handshakes.NO_CREDENTIAL, random);
    Handshakes.run(client, server(), TOKENS, pair.server());
    assertThat(client.refusal().code()).isEqualTo(LinkCode.DIVERGED);
    assertThat(client.refusal().ends()).as("the server has proven itself").isTrue();
  }

  @Test
  void sessionOfAnotherServiceIsNotResumed() {
    Handshakes.Pair pair = Handshakes.open(Limits.DEFAULT, Limits.DEFAULT, random);
    LinkIdentity own = pair.client().identity();
    LinkIdentity other = new LinkIdentity("mail", own.id(), own.secret());
    LinkCore core = new LinkCore(new SessionFacts(other, true, Limits.DEFAULT, Limits.DEFAULT));
    assertThat(refusalOf(core, pair.server())).isEqualTo(LinkCode.NO_SUCH_SESSION);
  }

  @Test
  void clientThatIsTooSlowIsRefusedAtEachStep() {
    ClientHandshake silent = client(Handshakes.TOKEN);
    ServerHandshake server = server();
    server.refuse(LinkCode.IDLE, 0, "", List.of());
    assertThat(silent.read(Handshakes.from(server))).isEqualTo(ClientHandshake.State.REFUSED);
    assertThat(silent.refusal().code()).isEqualTo(LinkCode.IDLE);

    ClientHandshake challenged = client(Handshakes.TOKEN);
    server = server();
    server.read(Handshakes.from(challenged));
    server.challenge(List.of(Handshakes.TOKEN), null);
    assertThat(challenged.read(Handshakes.from(server))).isEqualTo(ClientHandshake.State.WAITING);
    server.refuse(LinkCode.IDLE, 0, "", List.of());
    assertThat(challenged.read(Handshakes.from(server))).isEqualTo(ClientHandshake.State.REFUSED);
    assertThat(challenged.refusal().code()).isEqualTo(LinkCode.IDLE);
    assertThat(server.state()).isEqualTo(ServerHandshake.State.ENDED);
  }

  @Test
  void refusalIsProvenOnlyByTheClientsToken() {
    for (boolean proven : new boolean[] {true, false}) {
      ClientHandshake client = client(Handshakes.TOKEN);
      ServerHandshake server = server();
      server.read(Handshakes.from(client));
      List<byte[]> by = proven ? List.of(FORMER, Handshakes.TOKEN) : List.of(FORMER);
      server.refuse(LinkCode.NO_SUCH_SESSION, 0, "gone", by);
      assertThat(client.read(Handshakes.from(server))).isEqualTo(ClientHandshake.State.REFUSED);
      assertThat(client.refusal())
          .isEqualTo(new Refusal(LinkCode.NO_SUCH_SESSION, 0, "gone", proven));
      assertThat(client.refusal().ends()).isEqualTo(proven);
    }
  }

  @Test
  void otherFirstBytesVersionsAndFramesAreRefused() {
    assertThat(refusalOf("GET / HTTP/1.1\r\n".getBytes(US_ASCII))).isEqualTo(LinkCode.BAD_MAGIC);
    assertThat(refusalOf(new byte[] {'B', 'T', 'L', 'K', 2})).isEqualTo(LinkCode.VERSION);
    byte[] minors = new ByteSink().u8(1).u8(2).toFrame(FrameType.HELLO);
    assertThat(refusalOf(preambleAnd(minors))).isEqualTo(LinkCode.VERSION);
    assertThat(refusalOf(preambleAnd(Frame.of(FrameType.PROOF, new byte[32]))))
        .isEqualTo(LinkCode.PROTOCOL);
    byte[] announced = {(byte) 0, (byte) 0x20, 1, 1};
    assertThat(refusalOf(preambleAnd(announced))).isEqualTo(LinkCode.PROTOCOL);
  }

  @Test
  void fieldsOfANewerMinorVersionAreSkipped() {
    byte[] hello = bytes(Handshakes.from(client(null)));
    ByteSink newer = new ByteSink().u8(0).u8(3);
    newer.raw(java.util.Arrays.copyOfRange(hello, 11, hello.length)).text("a new field");
    ServerHandshake server = server();
    server.read(ByteBuffer.wrap(preambleAnd(newer.toFrame(FrameType.HELLO))));
    assertThat(server.state()).isEqualTo(ServerHandshake.State.ASKED);
    assertThat(((Request.Hello) server.request()).service()).isEqualTo("chat");
  }

  @Test
  void connectionMovesBeforeChallengeAndAfterWelcomeOnly() {
    ClientHandshake client = client(Handshakes.TOKEN);
    ServerHandshake server = server();
    assertThat(server.movable()).isTrue();
    server.read(Handshakes.from(client));
    assertThat(server.movable()).isTrue();
    server.challenge(TOKENS, null);
    assertThat(server.movable()).isFalse();
    client.read(Handshakes.from(server));
    server.read(Handshakes.from(client));
    assertThat(server.movable()).isFalse();
    server.welcome(Handshakes.ID, 1);
    assertThat(server.movable()).as("WELCOME is not written").isFalse();
    client.read(Handshakes.from(server));
    assertThat(server.movable()).isTrue();
  }

  @Test
  void bytesBehindWelcomeAreLeftForTheSession() {
    ClientHandshake client = client(null);
    ServerHandshake server = server();
    server.read(Handshakes.from(client));
    server.challenge(List.of(), null);
    client.read(Handshakes.from(server));
    server.read(Handshakes.from(client));
    server.welcome(Handshakes.ID, 1);
    ByteBuffer both = ByteBuffer.allocate(1_000);
    server.write(both);
    server.core().ping(1);
    server.core().write(both);
    client.read(both.flip());
    assertThat(both.remaining()).isEqualTo(12);
  }

  @Test
  void longTextsAreCutBetweenCharacters() {
    ClientHandshake client = client(null);
    ServerHandshake server = server();
    server.read(Handshakes.from(client));
    server.refuse(LinkCode.ERROR, 0, "x" + "ö".repeat(1_000), List.of());
    client.read(Handshakes.from(server));
    assertThat(client.refusal().text()).isEqualTo("x" + "ö".repeat(511));
  }

  @Test
  void wrongCallsAreSaid() {
    ServerHandshake server = server();
    assertThatThrownBy(server::request).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> server.welcome(Handshakes.ID, 1)).hasMessage("READING, not PROVEN");
    assertThatThrownBy(server::core).isInstanceOf(IllegalStateException.class);
    server.refuse(LinkCode.ERROR, 0, "", List.of());
    assertThatThrownBy(() -> server.refuse(LinkCode.ERROR, 0, "", List.of()))
        .hasMessage("nothing to refuse: ENDED");
    assertThatThrownBy(() -> client(null).core()).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ClientHandshake.open("", null, new byte[0], Limits.DEFAULT, random))
        .hasMessageContaining("1 to 255 bytes");
    assertThatThrownBy(
            () -> ClientHandshake.open("a", null, new byte[4_097], Limits.DEFAULT, random))
        .hasMessageContaining("4096");
    assertThatThrownBy(() -> new Limits(256, 512, 300, 1_000))
        .hasMessage("max-message is 512 bytes; allowed are 256 to 300");
  }

  private ServerHandshake opened(byte @Nullable [] token, List<byte[]> tokens) {
    ClientHandshake client = client(token);
    ServerHandshake server = server();
    Handshakes.run(client, server, tokens, null);
    assertThat(client.core().attached()).isTrue();
    return server;
  }

  private LinkCode refusalOf(LinkCore client, LinkCore known) {
    ClientHandshake resuming =
        ClientHandshake.resume(client, Handshakes.TOKEN, Handshakes.NO_CREDENTIAL, random);
    Handshakes.run(resuming, server(), TOKENS, known);
    return resuming.refusal().code();
  }

  private LinkCode refusalOf(byte[] clients) {
    ServerHandshake server = server();
    assertThat(server.read(ByteBuffer.wrap(clients))).isEqualTo(ServerHandshake.State.ENDED);
    ClientHandshake client = client(null);
    client.read(Handshakes.from(server));
    return client.refusal().code();
  }

  private ClientHandshake client(byte @Nullable [] token) {
    return ClientHandshake.open("chat", token, new byte[0], Limits.DEFAULT, random);
  }

  private ServerHandshake server() {
    return new ServerHandshake(Limits.DEFAULT, random);
  }

  private static byte[] preambleAnd(byte[] frame) {
    return new ByteSink().raw(Version.PREAMBLE).raw(frame).toBytes();
  }

  private static byte[] bytes(ByteBuffer from) {
    byte[] bytes = new byte[from.remaining()];
    from.get(bytes);
    return bytes;
  }

  private static String hex(byte[] bytes) {
    return java.util.HexFormat.of().formatHex(bytes);
  }

  private static ByteBuffer one(ServerHandshake server) {
    ByteBuffer bytes = ByteBuffer.allocate(1);
    server.write(bytes);
    return bytes.flip();
  }

  private static ByteBuffer one(ClientHandshake client) {
    ByteBuffer bytes = ByteBuffer.allocate(1);
    client.write(bytes);
    return bytes.flip();
  }
}
