package io.baton.worker.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.mesh.MeshMessage;
import io.baton.worker.broker.BrokerCodec.Read;
import io.baton.worker.topics.RemotePublications;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BrokerCodecTest {
  private static final long WORKER = RemotePublications.number(77);
  private static final byte[] SECRET = "a secret of the cluster".getBytes(UTF_8);
  private static final byte[] OTHER = "a secret that is another".getBytes(UTF_8);

  private final BrokerCodec codec = codec(SECRET);

  private static BrokerCodec codec(byte[]... secrets) {
    return new BrokerCodec(-5, WORKER, "prod", List.of(secrets));
  }

  private static Read.Dropped dropped(DropReason reason) {
    return new Read.Dropped(reason);
  }

  @Test
  void whatIsWrittenReadsTheSame() {
    for (BrokerMessage each :
        List.of(
            new BrokerMessage.Mark("chat\0room", 1L << 41, true),
            new BrokerMessage.Mark("chat\0ä", 0, false),
            new BrokerMessage.End("chat\0room", Long.MAX_VALUE),
            new BrokerMessage.Hello("baton 1.0", true),
            new BrokerMessage.Hello("", false),
            new BrokerMessage.Bye(),
            new BrokerMessage.OfMesh(
                new MeshMessage.Offers(8, 3, true, 7, List.of("a service", "another"))))) {
      assertThat(codec.read(codec.write(each))).isEqualTo(new Read.Message(-5, WORKER, each));
    }
    Read read = codec.read(codec.write(new BrokerMessage.Publish("t", 3, new byte[] {1, 2})));
    assertThat(read)
        .isInstanceOfSatisfying(
            Read.Message.class,
            message -> {
              BrokerMessage.Publish publish = (BrokerMessage.Publish) message.content();
              assertThat(publish.topic()).isEqualTo("t");
              assertThat(publish.n()).isEqualTo(3);
              assertThat(publish.message()).containsExactly(1, 2);
            });
  }

  @Test
  void aMessageThatIsChangedAnywhereIsForged() {
    byte[] good = codec.write(new BrokerMessage.Publish("t", 3, new byte[] {1, 2}));
    for (int i = 0; i < good.length; i++) {
      byte[] changed = good.clone();
      changed[i] ^= 4;
      assertThat(codec.read(changed)).as("byte %d", i).isEqualTo(dropped(DropReason.FORGED));
    }
    for (int length = 0; length < good.length; length++) {
      assertThat(codec.read(Arrays.copyOf(good, length))).isEqualTo(dropped(DropReason.FORGED));
    }
  }

  @Test
  void aMessageOfAnotherSecretOrClusterIsForged() {
    byte[] message = codec.write(new BrokerMessage.Bye());
    assertThat(codec(OTHER).read(message)).isEqualTo(dropped(DropReason.FORGED));
    assertThat(codec().read(message)).isEqualTo(dropped(DropReason.FORGED));
    BrokerCodec elsewhere = new BrokerCodec(-5, WORKER, "test", List.of(SECRET));
    assertThat(elsewhere.read(message)).isEqualTo(dropped(DropReason.FORGED));
  }

  @Test
  void aMessageOfAFormerSecretIsRead() {
    byte[] message = codec.write(new BrokerMessage.Bye());
    assertThat(codec(OTHER, SECRET).read(message)).isInstanceOf(Read.Message.class);
  }

  @Test
  void whatAWorkerOfThisMachineMayNotSayIsMalformed() {
    BrokerCodec local = new BrokerCodec(-5, 12, "prod", List.of(SECRET));
    assertThat(codec.read(local.write(new BrokerMessage.Bye())))
        .isEqualTo(dropped(DropReason.MALFORMED));
    assertThat(codec.read(codec.write(new BrokerMessage.Publish("", 1, new byte[0]))))
        .isEqualTo(dropped(DropReason.MALFORMED));
    assertThat(codec.read(codec.write(new BrokerMessage.Publish("t", 0, new byte[0]))))
        .isEqualTo(dropped(DropReason.MALFORMED));
    assertThat(codec.read(codec.write(new BrokerMessage.Publish("t", 1, new byte[65_537]))))
        .isEqualTo(dropped(DropReason.MALFORMED));
  }

  /** Reads what another release would have written, which differs in one byte. */
  private Read readChanged(BrokerMessage message, int at, int to) {
    byte[] all = codec.write(message);
    all[at] = (byte) to;
    codec.sign(all);
    return codec.read(all);
  }

  @Test
  void aMessageOfAnotherReleaseIsDroppedAsSuch() {
    BrokerMessage ofMesh = new BrokerMessage.OfMesh(new MeshMessage.Withdraw());
    assertThat(readChanged(ofMesh, 0, 99)).isEqualTo(dropped(DropReason.VERSION));
    assertThat(readChanged(ofMesh, 1, 99)).isEqualTo(dropped(DropReason.VERSION));
    int version = 2 + 2 * Long.BYTES;
    assertThat(readChanged(ofMesh, version, 99)).isEqualTo(dropped(DropReason.VERSION));
    assertThat(readChanged(ofMesh, version, 1)).isInstanceOf(Read.Message.class);
  }

  @Test
  void noBytesAreTakenForAMessage() {
    Random random = new Random(1);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[random.nextInt(120)];
      random.nextBytes(bytes);
      assertThat(codec.read(bytes)).isEqualTo(dropped(DropReason.FORGED));
    }
  }
}
