package io.baton.pipe;

import io.baton.pipe.HandoffKind.BeyondLimit;
import io.baton.pipe.HandoffKind.Companion;
import io.baton.pipe.HandoffKind.Fresh;
import io.baton.pipe.HandoffKind.Saved;
import io.baton.pipe.HandoffKind.Search;
import io.baton.pipe.HandoffKind.State;
import io.baton.pipe.HandoffKind.Unserved;
import io.baton.service.SessionKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a handoff's kind: a u8, then the kind's fields.
 *
 * <pre>
 * 0 fresh
 * 1 beyond limit
 * 2 saved         u8 returned (0 or 1), text protocol, u8 keyed (0 or 1), key if 1,
 *                 u8 away (0 or 1), u8 n, n companions, state
 * 3 unserved      key, u8 search: 0 ask, 1 nowhere, 2 unanswered, u8 beyond limit (0 or 1),
 *                 state
 * </pre>
 *
 * <p>A companion is an i64, its id, then its peer, then a u8 (0 or 1) and its proxy if 1.
 *
 * <p>A key is two i64, the higher one first. A state is a u8, its place: 0 inline, then i32 n and n
 * bytes; 1 aside.
 */
final class HandoffKindCodec {
  private static final int FRESH = 0;
  private static final int BEYOND_LIMIT = 1;
  private static final int SAVED = 2;
  private static final int UNSERVED = 3;

  private static final int INLINE = 0;
  private static final int ASIDE = 1;

  private HandoffKindCodec() {}

  static void write(HandoffKind kind, FieldWriter to) {
    switch (kind) {
      case Fresh _ -> to.u8(FRESH);
      case BeyondLimit _ -> to.u8(BEYOND_LIMIT);
      case Saved saved -> {
        to.u8(SAVED).flag(saved.returned()).text(saved.protocol(), Message.MAX_PROTOCOL_BYTES);
        SessionKey key = saved.key();
        to.flag(key != null);
        if (key != null) {
          writeKey(key, to);
        }
        writeCompanions(saved.companions(), to.flag(saved.away()));
        writeState(saved.state(), to);
      }
      case Unserved unserved -> {
        writeKey(unserved.wanted(), to.u8(UNSERVED));
        writeState(unserved.state(), to.u8(unserved.search().code).flag(unserved.beyondLimit()));
      }
    }
  }

  private static void writeKey(SessionKey key, FieldWriter to) {
    to.i64(key.high()).i64(key.low());
  }

  private static void writeCompanions(List<Companion> companions, FieldWriter to) {
    to.u8(companions.size());
    for (Companion each : companions) {
      PeerCodec.write(each.peer(), to.i64(each.id()));
      PeerCodec.writeOrNone(each.via(), to);
    }
  }

  private static void writeState(State state, FieldWriter to) {
    switch (state) {
      case State.Inline inline -> to.u8(INLINE).longBytes(inline.bytes());
      case State.Aside _ -> to.u8(ASIDE);
    }
  }

  static HandoffKind read(FieldReader from) throws MalformedMessageException {
    int kind = from.u8();
    return switch (kind) {
      case FRESH -> HandoffKind.FRESH;
      case BEYOND_LIMIT -> HandoffKind.BEYOND_LIMIT;
      case SAVED -> {
        boolean returned = from.flag();
        String protocol = from.text(Message.MAX_PROTOCOL_BYTES);
        @Nullable SessionKey key = from.flag() ? readKey(from) : null;
        boolean away = from.flag();
        List<Companion> companions = readCompanions(from, away);
        yield new Saved(protocol, readState(from), returned, key, away, companions);
      }
      case UNSERVED -> {
        SessionKey wanted = readKey(from);
        Search search = from.oneOf(Search.values(), c -> c.code, "search");
        boolean beyondLimit = from.flag();
        yield new Unserved(wanted, search, readState(from), beyondLimit);
      }
      default -> throw FieldReader.unknown("kind of handoff", kind);
    };
  }

  private static SessionKey readKey(FieldReader from) throws MalformedMessageException {
    return new SessionKey(from.i64(), from.i64());
  }

  private static List<Companion> readCompanions(FieldReader from, boolean away)
      throws MalformedMessageException {
    int count = from.u8();
    if (count > (away ? 0 : HandoffKind.MAX_COMPANIONS)) {
      throw new MalformedMessageException(
          "a session %s with %d companions".formatted(away ? "away" : "there", count));
    }
    List<Companion> companions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      companions.add(new Companion(from.i64(), PeerCodec.read(from), PeerCodec.readOrNone(from)));
    }
    return companions;
  }

  private static State readState(FieldReader from) throws MalformedMessageException {
    int place = from.u8();
    return switch (place) {
      case INLINE -> {
        State.Inline state = new State.Inline(from.longBytes());
        if (state.bytes().remaining() > Message.MAX_INLINE_STATE) {
          throw new MalformedMessageException(
              "an inline state of " + state.bytes().remaining() + " bytes");
        }
        yield state;
      }
      case ASIDE -> new State.Aside();
      default -> throw FieldReader.unknown("place of a state", place);
    };
  }
}
