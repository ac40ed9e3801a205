package io.baton.mesh;

import io.baton.mesh.MeshMessage.Answer;
import io.baton.mesh.MeshMessage.Ask;
import io.baton.mesh.MeshMessage.Begun;
import io.baton.mesh.MeshMessage.Claimed;
import io.baton.mesh.MeshMessage.Ended;
import io.baton.mesh.MeshMessage.Forward;
import io.baton.mesh.MeshMessage.Gap;
import io.baton.mesh.MeshMessage.Has;
import io.baton.mesh.MeshMessage.Members;
import io.baton.mesh.MeshMessage.Offers;
import io.baton.mesh.MeshMessage.Passed;
import io.baton.mesh.MeshMessage.Publish;
import io.baton.mesh.MeshMessage.Reset;
import io.baton.mesh.MeshMessage.Synced;
import io.baton.mesh.MeshMessage.Tail;
import io.baton.mesh.MeshMessage.TailDone;
import io.baton.mesh.MeshMessage.Unwant;
import io.baton.mesh.MeshMessage.Want;
import io.baton.mesh.MeshMessage.Who;
import io.baton.mesh.MeshMessage.Withdraw;
import io.baton.mesh.MeshMessage.Withdrawn;
import io.baton.pipe.FieldReader;
import io.baton.pipe.FieldWriter;
import io.baton.pipe.MalformedMessageException;
import io.baton.pipe.MessageTable;
import java.util.Arrays;

/**
 * The types of messages between workers, each with its code, its writer and its reader. A message's
 * bytes are its type's code as a u8, then the fields that are listed at the type, as in {@link
 * MeshFields}.
 *
 * <p>Whoever changes any bytes raises {@link MeshCodec#VERSION}.
 */
enum MeshMessageType {
  /** No fields. */
  SYNCED(1, Synced.class, (_, _) -> {}, _ -> new Synced()),

  /** {@code topic, i32 epoch}. */
  WANT(
      2,
      Want.class,
      (m, to) -> MeshFields.topic(m.topic(), to).i32(m.epoch()),
      from -> new Want(MeshFields.topic(from), from.i32())),

  /** {@code topic, i32 epoch, i64 n}. */
  HAS(
      3,
      Has.class,
      (m, to) -> MeshFields.topic(m.topic(), to).i32(m.epoch()).i64(m.n()),
      from -> new Has(MeshFields.topic(from), from.i32(), from.i64())),

  /** {@code topic}. */
  UNWANT(
      4,
      Unwant.class,
      (m, to) -> MeshFields.topic(m.topic(), to),
      from -> new Unwant(MeshFields.topic(from))),

  /** {@code topic, i64 n, message}. */
  PUBLISH(
      5,
      Publish.class,
      (m, to) -> MeshFields.message(m.message(), MeshFields.topic(m.topic(), to).i64(m.n())),
      from -> new Publish(MeshFields.topic(from), from.i64(), MeshFields.message(from))),

  /** {@code topic, i64 n}. */
  GAP(
      6,
      Gap.class,
      (m, to) -> MeshFields.topic(m.topic(), to).i64(m.n()),
      from -> new Gap(MeshFields.topic(from), from.i64())),

  /** {@code i64 session, i32 move}. */
  TAIL(
      7,
      Tail.class,
      (m, to) -> to.i64(m.session()).i32(m.move()),
      from -> new Tail(from.i64(), from.i32())),

  /** {@code i64 session, i32 move, i64 publisher, topic, i64 n, message}. */
  FORWARD(
      8,
      Forward.class,
      (m, to) -> {
        to.i64(m.session()).i32(m.move()).i64(m.publisher());
        MeshFields.message(m.message(), MeshFields.topic(m.topic(), to).i64(m.n()));
      },
      from ->
          new Forward(
              from.i64(),
              from.i32(),
              from.i64(),
              MeshFields.topic(from),
              from.i64(),
              MeshFields.message(from))),

  /** {@code i64 session, i32 move, i64 publisher, topic, i64 n}. */
  PASSED(
      9,
      Passed.class,
      (m, to) -> {
        to.i64(m.session()).i32(m.move()).i64(m.publisher());
        MeshFields.topic(m.topic(), to).i64(m.n());
      },
      from -> new Passed(from.i64(), from.i32(), from.i64(), MeshFields.topic(from), from.i64())),

  /** {@code i64 session, i32 move, i64 publisher, topic, i64 n}. */
  BEGUN(
      19,
      Begun.class,
      (m, to) -> {
        to.i64(m.session()).i32(m.move()).i64(m.publisher());
        MeshFields.topic(m.topic(), to).i64(m.n());
      },
      from -> new Begun(from.i64(), from.i32(), from.i64(), MeshFields.topic(from), from.i64())),

  /** {@code i64 session, i32 move, workers}. */
  CLAIMED(
      21,
      Claimed.class,
      (m, to) -> MeshFields.workers(m.unheard(), to.i64(m.session()).i32(m.move())),
      from -> new Claimed(from.i64(), from.i32(), MeshFields.workers(from))),

  /** {@code i64 session, i32 move, i64 publisher}. */
  ENDED(
      10,
      Ended.class,
      (m, to) -> to.i64(m.session()).i32(m.move()).i64(m.publisher()),
      from -> new Ended(from.i64(), from.i32(), from.i64())),

  /** {@code i64 session, i32 move}. */
  TAIL_DONE(
      11,
      TailDone.class,
      (m, to) -> to.i64(m.session()).i32(m.move()),
      from -> new TailDone(from.i64(), from.i32())),

  /** {@code i64 question, topic}. */
  WHO(
      12,
      Who.class,
      (m, to) -> MeshFields.topic(m.topic(), to.i64(m.question())),
      from -> new Who(from.i64(), MeshFields.topic(from))),

  /** {@code i64 question, u8 last (0 or 1), i32 all, members}. */
  MEMBERS(
      13,
      Members.class,
      (m, to) -> {
        to.i64(m.question()).flag(m.last()).i32(m.all());
        MeshFields.members(m.members(), to);
      },
      from -> new Members(from.i64(), from.flag(), from.count32(), MeshFields.members(from))),

  /** {@code i64 n, i32 slot, u8 leaving (0 or 1), i32 load, names}. */
  OFFERS(
      14,
      Offers.class,
      (m, to) -> {
        to.i64(m.n()).i32(m.slot()).flag(m.leaving()).i32(m.load());
        MeshFields.names(m.names(), to);
      },
      from ->
          new Offers(
              from.i64(), from.count32(), from.flag(), from.count32(), MeshFields.names(from))),

  /** No fields. */
  WITHDRAW(15, Withdraw.class, (_, _) -> {}, _ -> new Withdraw()),

  /** No fields. */
  WITHDRAWN(16, Withdrawn.class, (_, _) -> {}, _ -> new Withdrawn()),

  /** {@code i64 question, topic name, key, i32 timeoutMs, message}. */
  ASK(
      17,
      Ask.class,
      (m, to) -> {
        MeshFields.topic(m.name(), to.i64(m.question()));
        MeshFields.message(m.content(), MeshFields.key(m.key(), to).i32(m.timeoutMs()));
      },
      from ->
          new Ask(
              from.i64(),
              MeshFields.topic(from),
              MeshFields.key(from),
              from.count32(),
              MeshFields.message(from))),

  /** {@code i64 question, u8 verdict, i32 load, message}. */
  ANSWER(
      18,
      Answer.class,
      (m, to) ->
          MeshFields.message(m.content(), to.i64(m.question()).u8(m.verdict().code).i32(m.load())),
      from ->
          new Answer(
              from.i64(), MeshFields.verdict(from), from.count32(), MeshFields.message(from))),

  /** No fields. */
  RESET(20, Reset.class, (_, _) -> {}, _ -> new Reset());

  private static final MessageTable<MeshMessage> TABLE =
      new MessageTable<>(Arrays.stream(values()).map(type -> type.entry).toList());

  @SuppressWarnings("ImmutableEnumChecker") // it has no state
  final MessageTable.Entry<? extends MeshMessage> entry;

  <M extends MeshMessage> MeshMessageType(
      int code, Class<M> record, MessageTable.Writer<M> writer, MessageTable.Reader<M> reader) {
    this.entry = new MessageTable.Entry<>(code, record, writer, reader);
  }

  /** Writes a message of any type. */
  static void write(MeshMessage message, FieldWriter to) {
    TABLE.write(message, to);
  }

  /** Reads a message of any type. */
  static MeshMessage read(FieldReader from) throws MalformedMessageException {
    return TABLE.read(from);
  }
}
