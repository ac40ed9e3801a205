package io.baton.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.link.Incoming;
import io.baton.link.Transfer;
import io.baton.link.TypeSet;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkStreams;
import io.baton.link.service.LinkInput;
import io.baton.link.service.LinkOutput;
import io.baton.link.service.Question;
import io.baton.link.stream.OutgoingStream;
import io.baton.service.Resumable;
import io.baton.service.Service;
import io.baton.service.Session;
import io.baton.testing.Nightly;
import io.baton.worker.codec.link.CoreClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions, channels and streams that are under way when the connection breaks, at any byte. */
class LinkReturnFeaturesTest extends LinkReturnHarness {
  /** More than a handshake, and behind it the first frame of each kind, have in a direction. */
  private static final int LONGEST_CUT = 450;

  /** Every byte of them in the long form. */
  private static final int STEP = LONGEST_CUT / Nightly.of(LONGEST_CUT, 64);

  private static final TypeSet TYPES = new TypeSet("a schema".getBytes(UTF_8));
  private static final byte[] FILE = "0123456789".repeat(20).getBytes(UTF_8);
  private static final byte[] UPLOAD = "abcdefghij".repeat(10).getBytes(UTF_8);

  @TempDir private Path directory;

  LinkReturnFeaturesTest() throws Exception {
    // A worker has been started.
  }

  @BeforeEach
  void writeFile() throws IOException {
    Files.write(directory.resolve("file"), FILE);
  }

  @Override
  Service<LinkInput, LinkOutput> service() {
    return new Busy();
  }

  /** Does whatever it is told to, and tells the client what has become of it. */
  private final class Busy implements Service<LinkInput, LinkOutput>, Resumable<LinkOutput> {
    private final List<LinkOutput.Reply> kept = new ArrayList<>();

    @Override
    public void received(Session<LinkOutput> session, LinkInput input) {
      switch (input) {
        case LinkInput.Message(String channel, TypeSet _, ByteBuffer bytes) -> {
          String text = UTF_8.decode(bytes).toString();
          if (!channel.isEmpty()) {
            session.send(new LinkOutput.Message("of " + channel, TYPES, bytes(text)));
          } else if (text.equals("ask")) {
            session.send(new LinkOutput.Ask("", new Question() {}, TYPES, bytes("yours?")));
          } else if (text.equals("send")) {
            session.send(new LinkOutput.Stream(file()));
          } else if (text.equals("answer")) {
            kept.forEach(session::send);
            kept.clear();
          }
        }
        case LinkInput.Ask(long ask, TypeSet _, ByteBuffer bytes) ->
            kept.add(new LinkOutput.Reply(ask, TYPES, bytes));
        case LinkInput.Reply(Question _, TypeSet _, ByteBuffer bytes) ->
            say(session, "answered " + UTF_8.decode(bytes));
        case LinkInput.Stream(Incoming stream) -> {
          var _ = stream.to(directory.resolve(stream.name()));
        }
        case LinkInput.Transferred(Transfer transfer) -> {
          if (transfer.incoming()) {
            say(session, "has %s %d".formatted(transfer.name(), transfer.how().code()));
          }
        }
        case LinkInput.Failed _, LinkInput.Cancelled _ -> say(session, "unexpected " + input);
        case LinkInput.Goodbye _ -> {
          // The test is over.
        }
      }
    }

    private void say(Session<LinkOutput> session, String text) {
      session.send(new LinkOutput.Message(TYPES, bytes(text)));
    }

    private static ByteBuffer bytes(String text) {
      return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private OutgoingStream file() {
      try {
        return OutgoingStream.of("file", directory.resolve("file"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Begins one of everything. */
  private static void begin(CoreClient client, int round) {
    client.asks("question " + round);
    client.says("c", "message " + round);
    client.says("send");
    client.says("ask");
    LinkStreams streams = client.core().streams();
    int upload = streams.open("upload " + round, UPLOAD.length);
    assertThat(upload).isPositive();
    assertThat(streams.write(upload, ByteBuffer.wrap(UPLOAD))).isEqualTo(UPLOAD.length);
    streams.end(upload, LinkCode.DONE.number());
  }

  /** All that a client is told in a round, each once. */
  private static List<String> expected(int round) {
    return List.of(
        "REPLY question " + round,
        "of c: message " + round,
        "ASK yours?",
        "answered mine",
        "ended DONE",
        "has upload " + round + " 0");
  }

  private static BooleanSupplier isTold(CoreClient client, int number) {
    return () -> {
      client.core().grantAll();
      return client.told.size() >= number;
    };
  }

  @Test
  void whatIsUnderWayGoesOnWhereverTheConnectionBreaks() throws Exception {
    CoreClient client = begin();
    for (int cut = 1; cut < LONGEST_CUT; cut += STEP) {
      client.told.clear();
      client.streamed.reset();
      List<String> all = expected(cut);
      begin(client, cut);
      client.comesBack();
      Connection sending = connection(client, cut, NO_LIMIT);
      sending.carry(isTold(client, all.size() - 1)); // all but the answer
      sending.breaks(cut % 2 == 0);
      client.comesBack();
      Connection receiving = connection(client, NO_LIMIT, cut);
      receiving.carry(isTold(client, all.size() - 1));
      receiving.breaks(cut % 4 < 2);
      client.says("answer");
      client.comesBack();
      Connection last = connection(client, NO_LIMIT, NO_LIMIT);
      last.carry(isTold(client, all.size()));
      last.breaks(false);
      assertThat(client.told).as("cut at %d", cut).containsExactlyInAnyOrderElementsOf(all);
      assertThat(client.streamed.toByteArray()).as("cut at %d", cut).isEqualTo(FILE);
      assertThat(directory.resolve("upload " + cut)).hasBinaryContent(UPLOAD);
    }
  }
}
