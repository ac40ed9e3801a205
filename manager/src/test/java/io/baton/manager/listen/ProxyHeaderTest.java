package io.baton.manager.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.manager.listen.ProxyHeader.Complete;
import io.baton.manager.listen.ProxyHeader.Incomplete;
import io.baton.manager.listen.ProxyHeader.Malformed;
import io.baton.service.Peer;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeaderTest {
  private static final String SIGNATURE = "0d0a0d0a 000d0a51 5549540a ";

  private static Complete of(int bytes, @Nullable String address, int port) {
    return new Complete(
        bytes, address == null ? null : new Peer.Tcp(InetAddress.ofLiteral(address), port));
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static ProxyHeader parse(String text) {
    return parse(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static ProxyHeader parse(byte[] bytes) {
    return ProxyHeader.parse(ByteBuffer.wrap(bytes));
  }

  /** However little of it has come, it is told that more is needed. */
  private static void assertWhole(byte[] header, Complete expected) {
    assertThat(parse(header)).isEqualTo(expected);
    byte[] more = new byte[header.length + 5];
    System.arraycopy(header, 0, more, 0, header.length);
    assertThat(parse(more)).as("with the client's own bytes behind it").isEqualTo(expected);
    for (int cut = 1; cut < header.length; cut++) {
      byte[] part = new byte[cut];
      System.arraycopy(header, 0, part, 0, cut);
      assertThat(parse(part)).as("of the first %d bytes", cut).isInstanceOf(Incomplete.class);
      assertThat(((Incomplete) parse(part)).bytes()).isBetween(cut + 1, header.length);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PROXY TCP4 192.0.2.7 192.0.2.1 56324 443, 192.0.2.7, 56324",
    "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535, 255.255.255.255, 65535",
    "PROXY TCP4 192.0.2.7 192.0.2.1 0 1, 192.0.2.7, 0",
    "PROXY TCP6 2001:db8::7 2001:db8::1 56324 443, 2001:db8::7, 56324",
    "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 65535",
    "PROXY UNKNOWN, , 0",
    "PROXY UNKNOWN ffff::1 ffff::2 65535 65535, , 0",
  })
  void aLineNamesTheClient(String line, @Nullable String address, int port) {
    byte[] header = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
    assertWhole(header, of(header.length, address, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n",
        "PROX",
        "PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 56324\r\n",
        "PROXY TCP4 192.0.2.7  192.0.2.1 56324 443\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 56324 443 \r\n",
        "PROXY TCP4 192.0.2.256 192.0.2.1 56324 443\r\n",
        "PROXY TCP4 192.0.2 192.0.2.1 56324 443\r\n",
        "PROXY TCP4 2001:db8::7 192.0.2.1 56324 443\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 056324 443\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 65536 443\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 -1 443\r\n",
        "PROXY TCP6 192.0.2.7 2001:db8::1 1 443\r\n",
        "PROXY TCP6 2001:db8:::7 2001:db8::1 1 443\r\n",
        "PROXY TCP6 ::1%lo ::1 1 443\r\n",
        "PROXY TCP5 192.0.2.7 192.0.2.1 56324 443\r\n",
        "PROXY UNKNOWNS\r\n",
        "PROXY\r\n",
        "proxy TCP4 192.0.2.7 192.0.2.1 56324 443\r\n",
      })
  void anythingElseIsRefused(String line) {
    if (line.equals("PROX")) {
      assertThat(parse(line)).isEqualTo(new Incomplete(5));
    } else {
      assertThat(parse(line)).isInstanceOf(Malformed.class);
    }
  }

  @Test
  void aLineThatDoesNotEndIsRefused() {
    String line = "PROXY UNKNOWN " + "x".repeat(93);
    assertThat(line).hasSize(107);
    assertThat(parse(line)).isEqualTo(new Malformed("a PROXY line of more than 107 bytes"));
    assertThat(parse(line.substring(1))).isInstanceOf(Malformed.class);
    assertThat(parse(line.substring(0, 106))).isInstanceOf(Incomplete.class);
    assertWhole(
        (line.substring(0, 105) + "\r\n").getBytes(StandardCharsets.US_ASCII), of(107, null, 0));
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "21 11 000c c0000207 c0000201 dc04 01bb, 192.0.2.7, 56324",
        "21 21 0024 20010db8000000000000000000000007 20010db8000000000000000000000001 dc04 01bb, 2001:db8::7, 56324",
        "21 21 0024 00000000000000000000ffffc0000207 00000000000000000000ffffc0000201 dc04 01bb, 192.0.2.7, 56324",
        "21 11 0013 c0000207 c0000201 dc04 01bb 05 0004 61626364, 192.0.2.7, 56324",
        "21 00 0000, none, 0",
        "21 00 0003 ffffff, none, 0",
        "20 00 0000, none, 0",
        "20 11 000c c0000207 c0000201 dc04 01bb, none, 0",
        "20 ff 0002 ffff, none, 0"
      })
  void binaryOnesNameTheClient(String header, @Nullable String address, int port) {
    byte[] bytes = hex(SIGNATURE + header);
    assertWhole(bytes, of(bytes.length, address, port));
  }

  @Test
  void aClientOfAUnixSocketHasNoAddress() {
    byte[] bytes = hex(SIGNATURE + "21 31 00d8" + "2f".repeat(216));
    assertWhole(bytes, of(bytes.length, null, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "11 11 000c c0000207 c0000201 dc04 01bb", // version 1
        "22 11 000c c0000207 c0000201 dc04 01bb", // another command
        "21 12 000c c0000207 c0000201 dc04 01bb", // UDP
        "21 41 000c c0000207 c0000201 dc04 01bb", // another family
        "21 11 000b c0000207 c0000201 dc04 01", // too short for its addresses
        "21 21 000c c0000207 c0000201 dc04 01bb", // too short for IPv6
        "21 11 000e c0000207 c0000201 dc04 01bb 0500", // half a field
        "21 11 0010 c0000207 c0000201 dc04 01bb 05 0002 61", // half a value
        "21 11 0013 c0000207 c0000201 dc04 01bb 03 0004 00000000", // a wrong checksum
        "21 11 0011 c0000207 c0000201 dc04 01bb 03 0002 0000", // a short one
        "21 11 0ff1", // longer than anybody sends
        "21 11 ffff",
      })
  void whatContradictsItselfIsRefused(String header) {
    assertThat(parse(hex(SIGNATURE + header))).isInstanceOf(Malformed.class);
  }

  @Test
  void theChecksumIsChecked() {
    byte[] bytes = hex(SIGNATURE + "21 11 0013 c0000207 c0000201 dc04 01bb 03 0004 00000000");
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    ByteBuffer.wrap(bytes).putInt(bytes.length - 4, (int) sum.getValue());
    assertWhole(bytes, of(bytes.length, "192.0.2.7", 56_324));
    bytes[16]++;
    assertThat(parse(bytes)).isEqualTo(new Malformed("a PROXY header with a wrong checksum"));
  }

  @Test
  void theSignatureMustBeWhole() {
    byte[] bytes = hex(SIGNATURE + "20 00 0000");
    for (int at = 1; at < 12; at++) {
      byte[] other = bytes.clone();
      other[at] ^= 1;
      assertThat(parse(other)).isEqualTo(new Malformed("no PROXY header"));
    }
  }

  /** Of bytes that begin like a header: an answer always, and never more bytes than there are. */
  @Test
  void noBytesAreTooStrange() {
    Random random = new Random(7);
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = new byte[1 + random.nextInt(80)];
      random.nextBytes(bytes);
      byte[] begin =
          random.nextBoolean()
              ? hex(SIGNATURE + (random.nextBoolean() ? "21" : "20"))
              : "PROXY TCP".getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(begin, 0, bytes, 0, Math.min(begin.length, bytes.length));
      switch (parse(bytes)) {
        case Incomplete(int needed) -> assertThat(needed).isGreaterThan(bytes.length);
        case Complete(int length, Peer.Tcp _) ->
            assertThat(length).isLessThanOrEqualTo(bytes.length);
        case Malformed(String why) -> assertThat(why).isNotEmpty();
      }
    }
  }
}
