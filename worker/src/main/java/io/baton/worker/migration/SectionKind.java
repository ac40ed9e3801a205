package io.baton.worker.migration;

import io.baton.pipe.SavedForm;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * All kinds of sections that a saved session may have. Their numbers and bytes are a promise to
 * other releases: none is ever changed or used again.
 *
 * <p>A worker that does not know a section refuses the session if the section is critical, and else
 * keeps it and passes it on unread.
 */
enum SectionKind {
  // The carrier's.

  /** Input that no message has used up: bytes as they came, or as the codec wrote them anew. */
  UNREAD(1, true),
  /** Output, encoded, that the client has not taken. */
  UNSENT(2, true),
  /** What the connection's cover needs: u8 kind (1: the records of TLS 1.3), then its own bytes. */
  COVER(3, true),
  /**
   * The session's further connections, in the order of their descriptors: for each a u32 length and
   * a saved session of the carrier's sections, PROTOCOL and CODEC; absent if there are none.
   */
  COMPANIONS(4, true),

  // The session's.

  /** Which of its listener's protocols is spoken: a name in UTF-8. */
  PROTOCOL(16, true),
  /** The codec's part: u16 length and name in UTF-8, i32 version, the codec's own bytes. */
  CODEC(17, true),
  /** What the service saved: its own bytes. */
  SERVICE(18, true),
  /** Number of its first connection, which names the session: i64; absent if it is this one's. */
  SESSION(19, false),
  /** The time for which it still waits for its client, u32 milliseconds; absent if it is there. */
  AWAY(20, true),
  /** What is known of its client: see {@code IdentityForm}; absent if that is nothing. */
  IDENTITY(21, false),
  /**
   * What its line in the access log will say: see {@code SessionAccount}; absent if there is none.
   */
  ACCOUNT(22, false),
  /** What it has got of its topics: see {@code TopicPositions}; absent if it has none. */
  TOPICS(23, false);

  /** The newest form that is read and written here. */
  static final int FORM = 1;

  /** What a worker of this release reads. */
  static final SavedForm READ =
      new SavedForm(
          FORM, Arrays.stream(values()).map(kind -> kind.number).collect(Collectors.toSet()));

  final int number;
  final boolean critical;

  SectionKind(int number, boolean critical) {
    this.number = number;
    this.critical = critical;
  }

  static Optional<SectionKind> of(int number) {
    for (SectionKind kind : values()) {
      if (kind.number == number) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
