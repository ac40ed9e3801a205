package io.baton.link.client;

import io.baton.link.Ending;
import io.baton.link.Option;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The options of a session with defaults for those that are not given.
 *
 * @param grace null for the server's
 */
record ClientSettings(
    @Nullable ByteBuffer token,
    ByteBuffer credential,
    @Nullable Duration grace,
    Duration connectTimeout,
    int window,
    int maxMessage,
    @Nullable SSLContext tls,
    @Nullable Consumer<Ending> reopen) {
  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  static final int WINDOW = 256 << 10;
  static final int MAX_MESSAGE = 1 << 20;

  /** Of two options of a kind the later one counts. */
  static ClientSettings of(Option... options) {
    ClientSettings all =
        new ClientSettings(
            null, ByteBuffer.allocate(0), null, CONNECT_TIMEOUT, WINDOW, MAX_MESSAGE, null, null);
    for (Option option : options) {
      all = all.with(option);
    }
    return all;
  }

  private ClientSettings with(Option option) {
    return new ClientSettings(
        option instanceof Option.Token o ? o.secret() : token,
        option instanceof Option.Credential o ? o.bytes() : credential,
        option instanceof Option.Grace o ? o.longest() : grace,
        option instanceof Option.ConnectTimeout o ? o.longest() : connectTimeout,
        option instanceof Option.Window o ? o.bytes() : window,
        option instanceof Option.MaxMessage o ? o.bytes() : maxMessage,
        option instanceof Option.Tls o ? o.context() : tls,
        option instanceof Option.Reopen o ? o.lost() : reopen);
  }

  /** Returns the token's bytes, null if there is none. */
  byte @Nullable [] tokenBytes() {
    return token == null ? null : bytes(token);
  }

  /** Returns the credential's bytes, none if there is none. */
  byte[] credentialBytes() {
    return bytes(credential);
  }

  private static byte[] bytes(ByteBuffer from) {
    byte[] bytes = new byte[from.remaining()];
    from.get(from.position(), bytes);
    return bytes;
  }
}
