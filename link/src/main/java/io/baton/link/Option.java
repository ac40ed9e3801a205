package io.baton.link;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/** A setting of a client's session. {@link Link} makes them and says what each is for. */
public sealed interface Option {
  /** See {@link Link#token}. */
  record Token(ByteBuffer secret) implements Option {}

  /** See {@link Link#credential}. */
  record Credential(ByteBuffer bytes) implements Option {}

  /** See {@link Link#grace}. */
  record Grace(Duration longest) implements Option {}

  /** See {@link Link#connectTimeout}. */
  record ConnectTimeout(Duration longest) implements Option {}

  /** See {@link Link#window}. */
  record Window(int bytes) implements Option {}

  /** See {@link Link#maxMessage}. */
  record MaxMessage(int bytes) implements Option {}

  /** See {@link Link#tls}. */
  record Tls(SSLContext context) implements Option {}

  /** See {@link Link#reopen}. */
  record Reopen(Consumer<Ending> lost) implements Option {}
}
