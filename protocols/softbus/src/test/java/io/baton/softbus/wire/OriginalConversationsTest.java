package io.baton.softbus.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.softbus.wire.OriginalConversations.Packet;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OriginalConversationsTest {

  @Test
  void theClientsFirstPacketIsRead() throws Exception {
    byte[] first = OriginalConversations.of("echo").getFirst().bytes();
    assertThat(SessionRequest.length(ByteBuffer.wrap(first))).isEqualTo(first.length);
    SessionRequest request = SessionRequest.open(OriginalConversations.KEYS, first);
    assertThat(request.name()).isEqualTo("com.example.echo");
    assertThat(request.key()).isEqualTo(OriginalConversations.SESSION_KEY);
    assertThat(request.under().index()).isEqualTo(1);
  }

  @Test
  void theOriginalsReplyIsRead() throws Exception {
    byte[] reply = OriginalConversations.of("echo").get(1).bytes();
    assertThat(SessionReply.length(ByteBuffer.wrap(reply))).isEqualTo(reply.length);
    assertThat(SessionReply.open(OriginalConversations.KEYS, reply))
        .isEqualTo(new SessionReply("original-device", "com.example.echo"));
  }

  /** All that is random in it is the last four bytes of the iv. */
  @Test
  void ourReplyIsTheOriginalsByteForByte() throws Exception {
    byte[] reply = OriginalConversations.of("echo").get(1).bytes();
    int iv = FirstPacket.HEAD_BYTES + Integer.BYTES;
    AuthenticationKey newest = OriginalConversations.KEYS.get(2).orElseThrow();
    byte[] ours =
        new SessionReply("original-device", "com.example.echo")
            .packet(newest, () -> ByteBuffer.allocate(GcmKey.IV_BYTES).put(reply, iv, 12).array());
    assertThat(ours).isEqualTo(reply);
  }

  @Test
  void allFramesAreReadAndOursAreTheSameByteForByte() throws Exception {
    List<Packet> packets = OriginalConversations.of("echo");
    FrameOpener client = new FrameOpener(OriginalConversations.SESSION_KEY, FrameOpener.NONE);
    FrameOpener server = new FrameOpener(OriginalConversations.SESSION_KEY, FrameOpener.NONE);
    List<Integer> lengths = new ArrayList<>();
    for (int i = 2; i < packets.size(); i += 2) {
      byte[] asked = packets.get(i).bytes();
      byte[] answered = packets.get(i + 1).bytes();
      assertThat(DataFrame.length(ByteBuffer.wrap(answered), DataFrame.ORIGINAL_MAX_DATA))
          .isEqualTo(answered.length);
      byte[] data = client.open(asked);
      assertThat(server.open(answered)).isEqualTo(data);
      lengths.add(data.length);
      FrameSealer ours =
          new FrameSealer(
              OriginalConversations.SESSION_KEY,
              () ->
                  ByteBuffer.allocate(GcmKey.IV_BYTES)
                      .put(answered, DataFrame.HEAD_BYTES, GcmKey.IV_BYTES)
                      .array(),
              server.last());
      assertThat(ours.seal(data)).isEqualTo(answered);
    }
    assertThat(lengths).containsExactly(5, 1, 1000, 4048);
    assertThat(client.last()).isEqualTo(3);
  }

  @Test
  void theOriginalRepliesBeforeItsCallbackRefuses() throws Exception {
    List<Packet> packets = OriginalConversations.of("refusing");
    assertThat(SessionReply.open(OriginalConversations.KEYS, packets.get(1).bytes()).name())
        .isEqualTo("refusing");
    assertThat(OriginalConversations.of("nowhere")).hasSize(1);
  }
}
