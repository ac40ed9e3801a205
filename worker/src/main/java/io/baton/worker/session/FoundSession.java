package io.baton.worker.session;

import io.baton.codec.Flow;
import io.baton.codec.Saved;
import io.baton.pipe.Message.Handoff;
import io.baton.worker.migration.OutgoingMigration;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A session with a key, as another connection of its client sees it. Event loop only. */
interface FoundSession extends ConnectionOutcome, InspectedSession {

  /** Whether it is this listener's. */
  boolean isOf(String listener);

  /** Whether another connection may take the place of the one that it has, or had. */
  boolean canBeMet();

  /** The name of its principal; null if it has none. */
  @Nullable String principalName();

  /** Whether it has lost its connection. */
  boolean isAway();

  /**
   * Takes it off its client, which seems to be at another machine; false if it cannot be without
   * it.
   *
   * @param proven whether the client has shown there who it is: then this connection hears, as last
   *     words, that another one has the session; else it may be the client's, which comes back
   */
  boolean leavesClient(boolean proven);

  /**
   * Whether its client has left without a word, as far as that can be known: it is asked for a sign
   * of life, if its protocol has that, and has not given one a while later. A client that is not
   * read is not silent.
   */
  boolean isSilent();

  /** Whether what a client has shown at another machine is this session's client's. */
  boolean admits(ByteBuffer proof);

  /** How many messages it has sent. */
  long sent();

  /** Whether it may move now. */
  boolean mayMove();

  /** As {@link io.baton.worker.migration.MovableSession#freeze}. */
  OutgoingMigration freeze(OutgoingMigration.Owner owner);

  /** How many further connections it has. */
  int companions();

  /**
   * Has another connection join.
   *
   * @param channel without handlers of a codec
   * @param codec what its codec is installed with
   * @return what becomes of the connection
   */
  ConnectionOutcome joinedBy(Channel channel, Handoff facts, Saved codec);

  /** The codec's part of it. */
  Flow flow();

  /**
   * Goes on over another connection.
   *
   * @param channel without handlers of a codec
   * @param certificates that the client has shown there
   * @param over what the connection counts as
   * @param codec what its codec is installed with
   * @param last number of the last message that the client has seen
   */
  void goOnOver(
      Channel channel,
      Handoff facts,
      List<X509Certificate> certificates,
      CountedConnection over,
      Saved codec,
      OptionalLong last);
}
