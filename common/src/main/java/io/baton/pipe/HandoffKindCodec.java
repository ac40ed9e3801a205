package io.baton.pipe;

import io.baton.pipe.HandoffKind.BeyondLimit;
import io.baton.pipe.HandoffKind.Fresh;
import io.baton.pipe.HandoffKind.Saved;
import io.baton.pipe.HandoffKind.State;

/**
 * The bytes of a handoff's kind: a u8, then the kind's fields.
 *
 * <pre>
 * 0 fresh
 * 1 beyond limit
 * 2 saved         u8 returned (0 or 1), text protocol, u8 place: 0 inline  i32 n, n bytes
 *                                                                1 aside
 * </pre>
 */
final class HandoffKindCodec {
  private static final int FRESH = 0;
  private static final int BEYOND_LIMIT = 1;
  private static final int SAVED = 2;

  private static final int INLINE = 0;
  private static final int ASIDE = 1;

  private HandoffKindCodec() {}

  static void write(HandoffKind kind, FieldWriter to) {
    switch (kind) {
      case Fresh _ -> to.u8(FRESH);
      case BeyondLimit _ -> to.u8(BEYOND_LIMIT);
      case Saved saved -> {
        to.u8(SAVED).flag(saved.returned()).text(saved.protocol(), Message.MAX_PROTOCOL_BYTES);
        switch (saved.state()) {
          case State.Inline inline -> to.u8(INLINE).longBytes(inline.bytes());
          case State.Aside _ -> to.u8(ASIDE);
        }
      }
    }
  }

  static HandoffKind read(FieldReader from) throws MalformedMessageException {
    int kind = from.u8();
    return switch (kind) {
      case FRESH -> HandoffKind.FRESH;
      case BEYOND_LIMIT -> HandoffKind.BEYOND_LIMIT;
      case SAVED -> {
        boolean returned = from.flag();
        yield new Saved(from.text(Message.MAX_PROTOCOL_BYTES), readState(from), returned);
      }
      default -> throw FieldReader.unknown("kind of handoff", kind);
    };
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
