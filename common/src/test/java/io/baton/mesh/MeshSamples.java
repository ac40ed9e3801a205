package io.baton.mesh;

import io.baton.mesh.MeshMessage.Answer;
import io.baton.mesh.MeshMessage.Ask;
import io.baton.mesh.MeshMessage.Begun;
import io.baton.mesh.MeshMessage.Claimed;
import io.baton.mesh.MeshMessage.Ended;
import io.baton.mesh.MeshMessage.Forward;
import io.baton.mesh.MeshMessage.Gap;
import io.baton.mesh.MeshMessage.Has;
import io.baton.mesh.MeshMessage.Member;
import io.baton.mesh.MeshMessage.Members;
import io.baton.mesh.MeshMessage.Offers;
import io.baton.mesh.MeshMessage.Passed;
import io.baton.mesh.MeshMessage.Publish;
import io.baton.mesh.MeshMessage.Reset;
import io.baton.mesh.MeshMessage.Stay;
import io.baton.mesh.MeshMessage.Synced;
import io.baton.mesh.MeshMessage.Tail;
import io.baton.mesh.MeshMessage.TailDone;
import io.baton.mesh.MeshMessage.Unwant;
import io.baton.mesh.MeshMessage.Verdict;
import io.baton.mesh.MeshMessage.Want;
import io.baton.mesh.MeshMessage.Who;
import io.baton.mesh.MeshMessage.Withdraw;
import io.baton.mesh.MeshMessage.Withdrawn;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;

/** Messages of every kind, with values at the edges of their fields, and their bytes. */
final class MeshSamples {
  /** The longest that there may be: 85 characters of three bytes each. */
  static final String LONGEST_TOPIC = "\u20ac".repeat(85);

  static final List<MeshMessage> ALL =
      List.of(
          new Synced(),
          new Want("room/1", 0),
          new Want("", Integer.MIN_VALUE),
          new Has(LONGEST_TOPIC, Integer.MAX_VALUE, Long.MAX_VALUE),
          new Unwant("\ud83d\ude42"),
          new Publish("room/1", 1, new byte[0]),
          new Publish(LONGEST_TOPIC, -1, new byte[MeshMessage.MAX_MESSAGE_BYTES]),
          new Gap("room/1", Long.MIN_VALUE),
          new Tail(Long.MIN_VALUE, Integer.MIN_VALUE),
          new Forward(1, 2, 3, "room/1", 4, new byte[] {5, 6}),
          new Forward(-1, -1, -1, LONGEST_TOPIC, -1, new byte[MeshMessage.MAX_MESSAGE_BYTES]),
          new Passed(1, 2, 3, "room/1", 4),
          new Begun(1, 2, 3, "room/1", 4),
          new Claimed(1, 2, List.of()),
          new Claimed(-1, -1, Collections.nCopies(MeshMessage.MAX_UNHEARD, Long.MIN_VALUE)),
          new Ended(1, 2, 3),
          new TailDone(1, 2),
          new Who(1, "room/1"),
          new Members(1, false, 0, List.of()),
          new Members(3, true, 1, List.of(new Member(-1, -1, Stay.LEAVING, true, "", ""))),
          new Members(3, true, 0, List.of(new Member(1, 2, Stay.ENDED, false, "anna", "Anna"))),
          new Members(
              2,
              true,
              Integer.MAX_VALUE,
              Collections.nCopies(
                  MeshMessage.MAX_MEMBERS,
                  new Member(
                      Long.MAX_VALUE,
                      Integer.MAX_VALUE,
                      Stay.HERE,
                      false,
                      "p".repeat(256),
                      "a".repeat(MeshMessage.MAX_ABOUT_BYTES)))),
          new Offers(0, 0, false, 0, List.of()),
          new Offers(
              Long.MAX_VALUE,
              Integer.MAX_VALUE,
              true,
              Integer.MAX_VALUE,
              Collections.nCopies(MeshMessage.MAX_OFFERS, LONGEST_TOPIC)),
          new Withdraw(),
          new Withdrawn(),
          new Ask(1, "count", null, 0, new byte[0]),
          new Ask(
              -1,
              LONGEST_TOPIC,
              LONGEST_TOPIC,
              Integer.MAX_VALUE,
              new byte[MeshMessage.MAX_MESSAGE_BYTES]),
          new Answer(1, Verdict.DECLINED, 0, new byte[0]),
          new Answer(
              Long.MAX_VALUE,
              Verdict.ANSWERED,
              Integer.MAX_VALUE,
              new byte[MeshMessage.MAX_MESSAGE_BYTES]),
          new Reset());

  private MeshSamples() {}

  static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  static ByteBuffer written(MeshMessage message) {
    ByteBuffer packet = buffer(MeshCodec.MAX_PACKET);
    if (!MeshCodec.write(message, packet)) {
      throw new AssertionError(message + " does not fit");
    }
    return packet.flip();
  }
}
