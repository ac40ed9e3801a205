package io.baton.worker.tls.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.baton.worker.NoLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class RecordsTest {
  // RFC 8448, 3: the secrets of the application data, and its first records.
  private static final String CLIENT_SECRET =
      "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5";
  private static final String SERVER_SECRET =
      "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643";
  private static final String CLIENT_RECORD =
      "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20"
          + "441e2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4";
  private static final String SERVER_RECORD =
      "17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc602dcb501a"
          + "59a8fcc49c4bf2e5f0a21c0047c2abf332540dd032e167c2955d";
  private static final String CONTENT =
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d"
          + "2e2f3031";
  private static final String CLIENT_CLOSE = "1703030013c9872760655666b74d7ff1153efd6db6d0b0e3";

  private final ByteBuf received = Unpooled.buffer();
  private final List<String> told = new ArrayList<>();
  private final RecordReader.Sink sink =
      new RecordReader.Sink() {
        @Override
        public void content(ByteBuf content) {
          received.writeBytes(content);
          content.release();
        }

        @Override
        public void keyUpdateRequested() {
          told.add("update");
        }

        @Override
        public void closed() {
          told.add("closed");
        }
      };

  private final ByteBuf wire = Unpooled.buffer();

  @AfterEach
  void release() {
    received.release();
    wire.release();
  }

  private static byte[] hex(String text) {
    return ByteBufUtil.decodeHexDump(text);
  }

  private static byte[] secret(Suite suite, int seed) {
    byte[] secret = new byte[suite.secretBytes];
    new Random(seed).nextBytes(secret);
    return secret;
  }

  private static Records server(Suite suite) {
    return Records.of(suite, secret(suite, 1), 0, secret(suite, 2), 0);
  }

  private static Records client(Suite suite) {
    return Records.of(suite, secret(suite, 2), 0, secret(suite, 1), 0);
  }

  private static ByteBuf content(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return Unpooled.wrappedBuffer(bytes);
  }

  private void assertRead(Records by) throws TlsException {
    by.reader().read(wire, sink);
    assertThat(wire.isReadable()).isFalse();
  }

  // ---- RFC 8448 ----

  @Test
  void theClientsRecordsOfTheVectorsAreOpened() throws Exception {
    Records server =
        Records.of(Suite.AES_128_GCM_SHA256, hex(CLIENT_SECRET), 0, hex(SERVER_SECRET), 1);
    wire.writeBytes(hex(CLIENT_RECORD)).writeBytes(hex(CLIENT_CLOSE));
    assertRead(server);
    assertThat(ByteBufUtil.hexDump(received)).isEqualTo(CONTENT);
    assertThat(told).containsExactly("closed");
  }

  /** The ticket was our first record there, so that this is the second. */
  @Test
  void theServersRecordOfTheVectorsIsSealed() {
    Records server =
        Records.of(Suite.AES_128_GCM_SHA256, hex(CLIENT_SECRET), 0, hex(SERVER_SECRET), 1);
    server.writer().write(Unpooled.wrappedBuffer(hex(CONTENT)), wire);
    assertThat(ByteBufUtil.hexDump(wire)).isEqualTo(SERVER_RECORD);
  }

  // ---- to and fro ----

  @ParameterizedTest
  @EnumSource(Suite.class)
  void whatOneSealsTheOtherOpens(Suite suite) throws Exception {
    Records server = server(suite);
    Records client = client(suite);
    ByteBuf all = Unpooled.buffer();
    for (int length : new int[] {1, 2, 100, 16_383, 16_384, 16_385, 50_000}) {
      ByteBuf content = content(length, length);
      all.writeBytes(content.duplicate());
      server.writer().write(content, wire);
    }
    assertRead(client);
    assertThat(received).isEqualTo(all);
    all.release();
  }

  @Test
  void contentOfOneRecordIsBounded() {
    server(Suite.AES_128_GCM_SHA256).writer().write(content(16_385, 1), wire);
    assertThat(wire.readableBytes()).isEqualTo(16_385 + 2 * RecordWriter.OVERHEAD);
  }

  @Test
  void recordsMayComeInAnyPieces() throws Exception {
    Records server = server(Suite.AES_256_GCM_SHA384);
    Records client = client(Suite.AES_256_GCM_SHA384);
    ByteBuf content = content(300, 3);
    server.writer().write(content.duplicate(), wire);
    server.writer().updateKey(true, wire);
    server.writer().write(content.duplicate(), wire);
    server.writer().alert(Alert.CLOSE_NOTIFY, wire);
    ByteBuf in = Unpooled.buffer();
    while (wire.isReadable()) {
      in.writeByte(wire.readByte());
      client.reader().read(in, sink);
    }
    assertThat(received.readableBytes()).isEqualTo(600);
    assertThat(told).containsExactly("update", "closed");
    in.release();
  }

  // ---- keys ----

  @ParameterizedTest
  @EnumSource(Suite.class)
  void keysAreUpdatedBothWays(Suite suite) throws Exception {
    Records server = server(suite);
    Records client = client(suite);
    for (int i = 0; i < 5; i++) {
      server.writer().updateKey(i % 2 == 0, wire);
      server.writer().write(content(10, i), wire);
      assertRead(client);
      client.writer().updateKey(false, wire);
      client.writer().write(content(10, i), wire);
      assertRead(server);
    }
    assertThat(told).hasSize(3).containsOnly("update");
    assertThat(received.readableBytes()).isEqualTo(100);
  }

  @Test
  void aKeyIsUpdatedBeforeItHasProtectedTooMuch() throws Exception {
    Suite suite = Suite.AES_128_GCM_SHA256;
    RecordWriter writer =
        new RecordWriter(Protection.sealing(new TrafficSecret(suite, secret(suite, 2)), 0), 3);
    Records client = client(suite);
    for (int i = 0; i < 20; i++) {
      writer.write(content(10, i), wire);
    }
    assertRead(client);
    assertThat(received.readableBytes()).isEqualTo(200);
    assertThat(client.reader().protection().number()).isLessThan(4);
  }

  // ---- moving ----

  @ParameterizedTest
  @EnumSource(Suite.class)
  void aConnectionGoesOnElsewhereWithFewBytes(Suite suite) throws Exception {
    Records server = server(suite);
    Records client = client(suite);
    for (int i = 0; i < 5; i++) {
      server.writer().write(content(10, i), wire);
      assertRead(client);
      client.writer().write(content(10, i), wire);
      client.writer().updateKey(false, wire);
      assertRead(server);
      ByteBuffer state = server.give().orElseThrow();
      assertThat(state.remaining()).isLessThanOrEqualTo(114);
      server = Records.resume(state);
    }
    assertThat(received.readableBytes()).isEqualTo(100);
  }

  @Test
  void whatWasGivenAwayIsNotUsedHereAnyMore() throws Exception {
    Records server = server(Suite.AES_128_GCM_SHA256);
    client(Suite.AES_128_GCM_SHA256).writer().write(content(1, 1), wire);
    assertThat(server.give()).isPresent();
    ByteBuf out = Unpooled.buffer();
    assertThatIllegalStateException().isThrownBy(() -> server.writer().write(content(1, 1), out));
    assertThatIllegalStateException().isThrownBy(() -> server.writer().updateKey(false, out));
    assertThatIllegalStateException()
        .isThrownBy(() -> server.writer().alert(Alert.CLOSE_NOTIFY, out));
    assertThatIllegalStateException()
        .isThrownBy(() -> server.reader().read(wire.duplicate(), sink));
    server.takeBack();
    assertRead(server);
    out.release();
  }

  @Test
  void withinAMessageItDoesNotMove() throws Exception {
    Records server = server(Suite.AES_128_GCM_SHA256);
    wire.writeBytes(record(ContentType.HANDSHAKE, hex("180000")));
    assertRead(server);
    assertThat(server.give()).isEmpty();
    assertThat(server.give()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0113", "0013", "01130000000000000000", "ffff"})
  void whatIsNoStateIsRefused(String state) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Records.resume(ByteBuffer.wrap(hex(state))));
  }

  @Test
  void aStateWithMoreBehindItIsRefused() {
    ByteBuffer state = server(Suite.AES_128_GCM_SHA256).give().orElseThrow();
    ByteBuffer more = ByteBuffer.allocate(state.remaining() + 1).put(state).rewind();
    assertThatIllegalArgumentException().isThrownBy(() -> Records.resume(more));
  }

  @Test
  void secretsAreNotPrinted() {
    Suite suite = Suite.AES_128_GCM_SHA256;
    byte[] secret = secret(suite, 1);
    TrafficSecret traffic = new TrafficSecret(suite, secret);
    assertThat(traffic.toString()).isEqualTo("a secret of AES_128_GCM_SHA256");
    traffic.wipe();
    assertThat(secret).containsOnly(0);
  }

  // ---- what breaks the protocol ----

  private final Protection peer =
      Protection.sealing(
          new TrafficSecret(Suite.AES_128_GCM_SHA256, secret(Suite.AES_128_GCM_SHA256, 1)), 0);

  /** A record of the peer's with this inside. */
  private byte[] record(int type, byte[] content, int padding) {
    byte[] inner = new byte[content.length + 1 + padding];
    System.arraycopy(content, 0, inner, 0, content.length);
    inner[content.length] = (byte) type;
    return sealed(inner);
  }

  private byte[] record(int type, byte[] content) {
    return record(type, content, 0);
  }

  private byte[] sealed(byte[] inner) {
    int length = inner.length + Protection.TAG;
    ByteBuffer all = ByteBuffer.allocate(RecordWriter.HEADER + length);
    all.put((byte) 23).putShort((short) 0x0303).putShort((short) length);
    byte[] sealed = new byte[length];
    peer.apply(Arrays.copyOf(all.array(), RecordWriter.HEADER), inner, inner.length, sealed);
    return all.put(sealed).array();
  }

  private void assertRefused(Alert alert) {
    Records server = server(Suite.AES_128_GCM_SHA256);
    assertThatExceptionOfType(TlsException.class)
        .isThrownBy(() -> server.reader().read(wire, sink))
        .satisfies(e -> assertThat(e.alert()).isEqualTo(alert));
  }

  @Test
  void paddingIsTakenAway() throws Exception {
    wire.writeBytes(record(23, hex("0102"), 1_000)).writeBytes(record(23, hex("0300"), 1));
    assertRead(server(Suite.AES_128_GCM_SHA256));
    assertThat(ByteBufUtil.hexDump(received)).isEqualTo("01020300");
  }

  @Test
  void anyBitThatIsForgedIsSeen() {
    byte[] good = record(23, hex("010203"));
    for (int bit = 0; bit < 8 * good.length; bit++) {
      byte[] forged = good.clone();
      forged[bit / 8] ^= (byte) (1 << bit % 8);
      wire.clear().writeBytes(forged);
      Records server = server(Suite.AES_128_GCM_SHA256);
      try {
        server.reader().read(wire, sink);
        assertThat(received.isReadable()).as("bit %d", bit).isFalse(); // it waits for more
        assertThat(bit / 8).as("of the length").isBetween(3, 4);
      } catch (TlsException e) {
        assertThat(e.alert())
            .isIn(
                Alert.BAD_RECORD_MAC,
                Alert.UNEXPECTED_MESSAGE,
                Alert.RECORD_OVERFLOW,
                Alert.DECODE_ERROR);
      }
    }
  }

  @Test
  void recordsOutOfOrderAreSeen() {
    byte[] first = record(23, hex("01"));
    byte[] second = record(23, hex("02"));
    wire.writeBytes(second).writeBytes(first);
    assertRefused(Alert.BAD_RECORD_MAC);
  }

  @Test
  void aRecordThatComesTwiceIsSeen() {
    byte[] first = record(23, hex("01"));
    wire.writeBytes(first).writeBytes(first);
    assertRefused(Alert.BAD_RECORD_MAC);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1503030002", "160303000a", "1403030001", "4745542020"})
  void aRecordThatIsNotProtectedIsRefusedBeforeItHasCome(String header) {
    wire.writeBytes(hex(header));
    assertRefused(Alert.UNEXPECTED_MESSAGE);
  }

  @Test
  void aRecordThatIsTooLongIsRefusedBeforeItHasCome() {
    wire.writeBytes(hex("1703034101"));
    assertRefused(Alert.RECORD_OVERFLOW);
  }

  @Test
  void aRecordThatIsTooShortIsRefused() {
    wire.writeBytes(hex("1703030010"));
    assertRefused(Alert.DECODE_ERROR);
  }

  @Test
  void contentThatIsTooLongIsRefused() {
    wire.writeBytes(record(23, new byte[16_385]));
    assertRefused(Alert.RECORD_OVERFLOW);
  }

  @Test
  void aRecordOfZerosIsRefused() {
    wire.writeBytes(sealed(new byte[10]));
    assertRefused(Alert.UNEXPECTED_MESSAGE);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 20, 24, 25, 255})
  void otherTypesAreRefused(int type) {
    wire.writeBytes(record(type, hex("01")));
    assertRefused(Alert.UNEXPECTED_MESSAGE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01000000", // a second ClientHello
        "0d00", // of a client's certificate
        "180000010018", // more behind a KeyUpdate
        "18000001001800000100", // two in one record
        "", // empty
      })
  void otherHandshakeMessagesAreRefused(String message) {
    wire.writeBytes(record(22, hex(message)));
    assertRefused(Alert.UNEXPECTED_MESSAGE);
  }

  @Test
  void aKeyUpdateOfAnotherFormIsRefused() {
    wire.writeBytes(record(22, hex("1800000102")));
    assertRefused(Alert.ILLEGAL_PARAMETER);
    wire.clear().writeBytes(record(22, hex("1800000200")));
    Records server =
        Records.of(
            Suite.AES_128_GCM_SHA256,
            secret(Suite.AES_128_GCM_SHA256, 1),
            1,
            secret(Suite.AES_128_GCM_SHA256, 2),
            0);
    assertThatExceptionOfType(TlsException.class)
        .isThrownBy(() -> server.reader().read(wire, sink))
        .satisfies(e -> assertThat(e.alert()).isEqualTo(Alert.DECODE_ERROR));
  }

  @Test
  void contentWithinAHandshakeMessageIsRefused() {
    wire.writeBytes(record(22, hex("1800"))).writeBytes(record(23, hex("01")));
    assertRefused(Alert.UNEXPECTED_MESSAGE);
  }

  @Test
  void aKeyUpdateMayComeInTwoRecords() throws Exception {
    wire.writeBytes(record(22, hex("1800"))).writeBytes(record(22, hex("000101")));
    assertRead(server(Suite.AES_128_GCM_SHA256));
    assertThat(told).containsExactly("update");
  }

  @ParameterizedTest
  @ValueSource(strings = {"01", "010000", "0100010000"})
  void anAlertOfAnotherLengthIsRefused(String alert) {
    wire.writeBytes(record(21, hex(alert)));
    assertRefused(Alert.DECODE_ERROR);
  }

  @Test
  void afterAFatalAlertNothingIsRead() {
    wire.writeBytes(record(21, hex("0228"))).writeBytes(record(23, hex("01")));
    assertRefused(Alert.CLOSE_NOTIFY);
    assertThat(received.isReadable()).isFalse();
  }

  @Test
  void afterCloseNotifyNothingIsRead() throws Exception {
    wire.writeBytes(record(21, hex("0100"))).writeBytes(record(23, hex("01")));
    Records server = server(Suite.AES_128_GCM_SHA256);
    server.reader().read(wire, sink);
    assertThat(told).containsExactly("closed");
    assertThat(received.isReadable()).isFalse();
  }

  @Test
  void recordsWithoutContentAreBounded() {
    for (int i = 0; i <= RecordReader.MAX_IDLE; i++) {
      wire.writeBytes(record(23, new byte[0]));
    }
    assertRefused(Alert.UNEXPECTED_MESSAGE);
  }

  @Test
  void updatesOfKeysInARowAreBounded() throws Exception {
    Records client = client(Suite.AES_128_GCM_SHA256);
    for (int i = 0; i <= RecordReader.MAX_IDLE; i++) {
      client.writer().updateKey(false, wire);
    }
    assertRefused(Alert.UNEXPECTED_MESSAGE);
  }

  @Test
  void contentBetweenThemEndsTheRow() throws Exception {
    Records client = client(Suite.AES_128_GCM_SHA256);
    for (int i = 0; i < 100; i++) {
      client.writer().updateKey(false, wire);
      client.writer().write(content(1, i), wire);
    }
    assertRead(server(Suite.AES_128_GCM_SHA256));
    assertThat(received.readableBytes()).isEqualTo(100);
  }
}
