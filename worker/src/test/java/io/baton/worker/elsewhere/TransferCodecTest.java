package io.baton.worker.elsewhere;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.pipe.SavedForm;
import io.baton.service.SessionKey;
import io.baton.testing.Seeds;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TransferCodecTest {
  private static final SessionKey KEY = new SessionKey(1, 2);

  /** Each message and its bytes, which other releases read. */
  private static final List<Map.Entry<TransferMessage, String>> ALL =
      List.of(
          Map.entry(
              new TransferMessage.Seek(9, KEY, "web"),
              "01 0900000000000000 0100000000000000 0200000000000000 03 776562"),
          Map.entry(new TransferMessage.Found(9), "02 0900000000000000"),
          Map.entry(new TransferMessage.NotNow(9), "03 0900000000000000"),
          Map.entry(
              new TransferMessage.Take(
                  9, KEY, "web", new byte[] {7, 8}, new SavedForm(1, Set.of(16))),
              "04 0900000000000000 0100000000000000 0200000000000000 03 776562 02 0708 01 0100 1000"),
          Map.entry(new TransferMessage.Fetch(9, 16), "05 0900000000000000 10000000"),
          Map.entry(
              new TransferMessage.Part(9, 1, 50_000, new byte[] {1, 2, 3}),
              "06 0900000000000000 01000000 50c30000 010203"),
          Map.entry(new TransferMessage.Taken(9), "07 0900000000000000"),
          Map.entry(new TransferMessage.Given(9), "08 0900000000000000"),
          Map.entry(new TransferMessage.Refused(9, true), "09 0900000000000000 01"),
          Map.entry(new TransferMessage.Dropped(9), "0a 0900000000000000"));

  @Test
  void everyMessageHasTheBytesThatAreDocumented() {
    for (Map.Entry<TransferMessage, String> each : ALL) {
      byte[] bytes = HexFormat.of().parseHex(each.getValue().replace(" ", ""));
      assertThat(TransferCodec.write(each.getKey())).as("%s", each.getKey()).isEqualTo(bytes);
      assertThat(TransferCodec.read(bytes)).usingRecursiveComparison().isEqualTo(each.getKey());
    }
  }

  @Test
  void aMessageThatEndsTooEarlyIsNone() {
    for (Map.Entry<TransferMessage, String> each : ALL) {
      byte[] bytes = TransferCodec.write(each.getKey());
      int least = each.getKey() instanceof TransferMessage.Part ? bytes.length - 2 : bytes.length;
      for (int i = 0; i < least; i++) {
        assertThat(TransferCodec.read(Arrays.copyOf(bytes, i))).isNull();
      }
    }
  }

  @Test
  void anyBytesAreReadWithoutAnException() {
    Random random = new Random(Seeds.one(TransferCodecTest.class));
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      if (bytes.length > 0) {
        bytes[0] = (byte) random.nextInt(12);
      }
      TransferMessage read = TransferCodec.read(bytes);
      assertThat(read == null || bytes.length >= 9).isTrue();
    }
  }
}
