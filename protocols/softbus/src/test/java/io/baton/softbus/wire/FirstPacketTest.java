package io.baton.softbus.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FirstPacketTest {
  private static final AuthenticationKeys KEYS = OriginalConversations.KEYS;
  private static final AuthenticationKey ONE = KEYS.get(1).orElseThrow();
  private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);

  private static byte[] sealed(String json) {
    return FirstPacket.seal(ONE, 1, 0, json, Ivs.RANDOM.next());
  }

  @Test
  void aRequestIsReadAsItWasWritten() throws Exception {
    SessionRequest request =
        new SessionRequest("com.example.\"é\\", GcmKey.random(new SecureRandom()), ONE);
    assertThat(SessionRequest.open(KEYS, request.packet(Ivs.RANDOM))).isEqualTo(request);
  }

  @Test
  void aRequestMayHaveOtherFieldsAndWhiteSpace() throws Exception {
    String json =
        """
        { "API_VERSION" : 2, "LIST": [1, {"a": [true, null]}, "]"], "BUS_NAME": "b\\u0061d\\/", "NONE": {},
          "EMPTY": [], "SESSION_KEY" : "%s", "BUS_NAME": "second" }
        """
            .formatted(KEY);
    assertThat(SessionRequest.open(KEYS, sealed(json + "\0")).name()).isEqualTo("bad/");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{",
        "{}x",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":\"",
        "{\"a\":\"\\x\"}",
        "{a:1}",
        "\0",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":[1}",
        "{\"a\":{\"b\" 1}}",
        "{\"a\":\"\n\"}"
      })
  void whatIsNoJsonObjectIsRefused(String json) {
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> SessionRequest.open(KEYS, sealed(json)))
        .withMessageContaining("no JSON object");
  }

  @Test
  void jsonIsNotReadTooDeep() throws Exception {
    String deep = "[".repeat(FlatJson.MAX_DEPTH) + "]".repeat(FlatJson.MAX_DEPTH);
    assertThat(FlatJson.read("{\"a\":" + deep + "}")).containsEntry("a", deep);
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> FlatJson.read("{\"a\":[" + deep + "]}"))
        .withMessageContaining("16 levels");
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> SessionRequest.open(KEYS, sealed("{\"a\":" + "[".repeat(3000))))
        .withMessageContaining("16 levels");
  }

  @ParameterizedTest
  @CsvSource({"'',BUS_NAME", "'a\\u0000b',BUS_NAME"})
  void aNameThatIsNoneIsRefused(String name, String field) {
    String json = "{\"BUS_NAME\":\"%s\",\"SESSION_KEY\":\"%s\"}".formatted(name, KEY);
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> SessionRequest.open(KEYS, sealed(json)))
        .withMessageContaining(field);
  }

  @Test
  void aNameHas63BytesAtMost() throws Exception {
    String longest = "é".repeat(31) + "x";
    String json = "{\"BUS_NAME\":\"%s\",\"SESSION_KEY\":\"" + KEY + "\"}";
    assertThat(SessionRequest.open(KEYS, sealed(json.formatted(longest))).name())
        .isEqualTo(longest);
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> SessionRequest.open(KEYS, sealed(json.formatted(longest + "x"))))
        .withMessageContaining("1 to 63 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "c2VjcmV0", "*not base64 secret*"})
  void aSessionKeyThatIsNoneIsRefusedAndNotShown(String key) {
    String json = "{\"BUS_NAME\":\"a\",\"SESSION_KEY\":\"%s\"}".formatted(key);
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> SessionRequest.open(KEYS, sealed(json)))
        .withMessage("a first packet whose SESSION_KEY is none; allowed: 32 bytes in base64")
        .withNoCause();
  }

  @Test
  void aPacketUnderAnotherKeyIsRefused() {
    byte[] packet = sealed("{}");
    packet[24] = 2;
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> SessionRequest.open(KEYS, packet))
        .withMessageContaining("not sealed under authentication key 2");
    packet[27] = (byte) 0xFF;
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> SessionRequest.open(KEYS, packet))
        .withMessage("a first packet under authentication key 4278190082, which is not known here");
  }

  @Test
  void anotherModuleAndOtherLengthsAreRefused() throws Exception {
    byte[] packet = sealed("{}");
    assertThat(SessionRequest.length(ByteBuffer.wrap(packet, 0, 23))).isEqualTo(-1);
    packet[4] = 5;
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> SessionRequest.length(ByteBuffer.wrap(packet)))
        .withMessage("a first packet of module 5; allowed: 6");
    packet[4] = 6;
    for (byte[] wrong : new byte[][] {{32, 0, 0, 0}, {(byte) 0xE8, 15, 0, 0}, {-1, -1, -1, -1}}) {
      System.arraycopy(wrong, 0, packet, 20, 4);
      assertThatExceptionOfType(SoftBusException.class)
          .isThrownBy(() -> SessionRequest.length(ByteBuffer.wrap(packet)))
          .withMessageContaining("allowed: 33 to 4071");
    }
  }

  @Test
  void aReplyThatIsNoConsentIsNone() {
    byte[] reply = sealed("{\"CODE\":2}");
    assertThatExceptionOfType(SoftBusException.class)
        .isThrownBy(() -> SessionReply.open(KEYS, reply))
        .withMessage("the server replied with code 2");
  }
}
