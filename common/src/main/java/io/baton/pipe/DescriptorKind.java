package io.baton.pipe;

import java.util.ArrayList;
import java.util.List;

/** The kind of a descriptor that accompanies a {@link Message.Hello}. */
public enum DescriptorKind {
  /** The concluded configuration, a sealed memory file. */
  CONFIG(1),
  /**
   * Certificates and private keys, {@link io.baton.credentials.Credentials#encode}, a sealed memory
   * file; absent if there are none.
   */
  CREDENTIALS(2),
  /** The server's secrets, {@link io.baton.credentials.ServerSecrets#encode}, likewise. */
  SECRETS(3);

  private final int code;

  DescriptorKind(int code) {
    this.code = code;
  }

  /** Writes their number as a u8, and each as a u8. */
  static void write(List<DescriptorKind> kinds, FieldWriter to) {
    to.u8(kinds.size());
    kinds.forEach(kind -> to.u8(kind.code));
  }

  /** Reads what {@link #write} has written; no kind comes twice. */
  static List<DescriptorKind> read(FieldReader from) throws MalformedMessageException {
    int count = from.u8();
    List<DescriptorKind> kinds = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      DescriptorKind kind = from.oneOf(values(), c -> c.code, "kind of descriptor");
      if (kinds.contains(kind)) {
        throw new MalformedMessageException("a second descriptor of kind " + kind);
      }
      kinds.add(kind);
    }
    return kinds;
  }
}
