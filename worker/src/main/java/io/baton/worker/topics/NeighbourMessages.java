package io.baton.worker.topics;

import io.baton.mesh.MeshMessage;
import io.baton.mesh.MeshMessage.Gap;
import io.baton.mesh.MeshMessage.Has;
import io.baton.mesh.MeshMessage.Publish;
import io.baton.worker.memory.MemoryAccount;

/**
 * What other workers of this machine say, and whom it is for. What is out of order changes nothing.
 */
final class NeighbourMessages {
  private final Neighbours neighbours;
  private final TopicHash hash;
  private final InterestTable table;
  private final Publications publications;
  private final LeftTails left;
  private final CatchUps catchUps;
  private final MemberQuestions questions;
  private final MemoryAccount memory;

  NeighbourMessages(
      Neighbours neighbours,
      TopicHash hash,
      InterestTable table,
      Publications publications,
      LeftTails left,
      CatchUps catchUps,
      MemberQuestions questions,
      MemoryAccount memory) {
    this.neighbours = neighbours;
    this.hash = hash;
    this.table = table;
    this.publications = publications;
    this.left = left;
    this.catchUps = catchUps;
    this.questions = questions;
    this.memory = memory;
  }

  /** Brings a message to whatever it is about. */
  void received(long from, MeshMessage message) {
    int neighbour = neighbours.known(from);
    switch (message) {
      case MeshMessage.Synced _, MeshMessage.Reset _ -> {
        // For the links.
      }
      case MeshMessage.Want m -> publications.wanted(from, neighbour, m);
      case MeshMessage.Unwant m -> table.unwant(hash.of(m.topic()), neighbour);
      case Has m -> publications.began(neighbour, m);
      case Publish m -> publications.published(neighbour, m);
      case Gap m -> publications.dropped(neighbour, m);
      case MeshMessage.Tail m -> left.claimed(from, m);
      case MeshMessage.Forward m -> forwarded(m);
      case MeshMessage.Passed m ->
          catchUps.with(
              m.session(), m.move(), each -> each.passed(m.publisher(), m.topic(), m.n()));
      case MeshMessage.Begun m ->
          catchUps.with(m.session(), m.move(), each -> each.begun(m.publisher(), m.topic(), m.n()));
      case MeshMessage.Claimed m ->
          catchUps.with(m.session(), m.move(), each -> each.claimed(m.unheard()));
      case MeshMessage.Ended m -> {
        left.ended(m);
        catchUps.with(m.session(), m.move(), each -> each.ended(m.publisher()));
      }
      case MeshMessage.TailDone m -> {
        left.done(m);
        catchUps.done(m);
      }
      case MeshMessage.Who m -> questions.answer(from, m);
      case MeshMessage.Members m -> questions.answered(from, m);
      case MeshMessage.Offers _,
          MeshMessage.Withdraw _,
          MeshMessage.Withdrawn _,
          MeshMessage.Ask _,
          MeshMessage.Answer _ -> {
        // For named services.
      }
    }
  }

  private void forwarded(MeshMessage.Forward m) {
    catchUps.with(
        m.session(),
        m.move(),
        each -> {
          Publication publication =
              Publication.of(m.topic(), m.publisher(), m.n(), m.message(), memory);
          if (publication == null) {
            each.passed(m.publisher(), m.topic(), m.n());
          } else {
            each.forwarded(publication);
            publication.release();
          }
        });
  }
}
