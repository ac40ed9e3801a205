package io.baton.link.stream;

import io.baton.link.LinkException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A session as its streams see it; except for {@link #access}, by a thread that has the core. */
abstract class StreamOwner {
  final CoreAccess access;

  StreamOwner(CoreAccess access) {
    this.access = access;
  }

  /** Learns of the end of a stream of the peer. */
  abstract void forget(int channel);

  /** Learns of the end of a stream from or into a file; a reason of null is success. */
  abstract void transferred(
      String name, boolean incoming, Path file, long bytes, @Nullable LinkException why);
}
