package io.baton.softbus;

import io.baton.softbus.wire.AuthenticationKey;
import io.baton.softbus.wire.AuthenticationKeys;
import io.baton.softbus.wire.FrameSealer;
import io.baton.softbus.wire.GcmKey;
import io.baton.softbus.wire.Ivs;
import io.baton.softbus.wire.OriginalConversations;
import io.baton.softbus.wire.SessionRequest;
import io.baton.worker.codec.CutAnywhere.Answering;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A bus whose bytes are always the same, and what a client of it sends. */
final class TestBus {
  static final int MAX_DATA = 100;
  static final AuthenticationKeys KEYS = OriginalConversations.KEYS;
  static final AuthenticationKey ONE = KEYS.get(1).orElseThrow();
  static final GcmKey SESSION_KEY = OriginalConversations.SESSION_KEY;
  static final SoftBusSettings SETTINGS = new SoftBusSettings(KEYS, "baton", MAX_DATA);
  static final Ivs ZEROS = () -> new byte[GcmKey.IV_BYTES];
  static final SoftBusCodec CODEC = new SoftBusCodec(SETTINGS, ZEROS);

  /** Accepts each session and sends back what it gets. */
  static final Answering ECHO =
      (message, send) ->
          switch ((SoftBusMessage.Input) message) {
            case SoftBusMessage.Opening opening -> {
              send.accept(new SoftBusMessage.Accept());
              yield "opening " + opening.name() + " " + opening.keyIndex();
            }
            case SoftBusMessage.Data data -> {
              send.accept(new SoftBusMessage.Data(data.bytes()));
              yield new String(data.bytes(), StandardCharsets.ISO_8859_1);
            }
          };

  private final FrameSealer sealer = new FrameSealer(SESSION_KEY, ZEROS, 0);

  /** The client's first packet. */
  static byte[] first(String name) {
    return new SessionRequest(name, SESSION_KEY, ONE).packet(ZEROS);
  }

  /** The client's next frame. */
  byte[] frame(String data) {
    return sealer.seal(data.getBytes(StandardCharsets.ISO_8859_1));
  }

  static byte[] all(byte[]... pieces) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] each : pieces) {
      all.writeBytes(each);
    }
    return all.toByteArray();
  }
}
