package io.baton.codec;

import io.baton.service.Module;
import java.util.Map;

/**
 * A module that brings codecs. It compiles against {@code baton-codec}; the worker has that jar and
 * Netty when the module runs, so the module's jar carries neither.
 */
public interface CodecModule extends Module {

  /**
   * Returns the codecs by the names that listeners use, which consist of a-z, 0-9 and -. Called
   * once, after {@link #start}, on the same thread.
   *
   * <p>An exception, or a name that Baton or another module has already, keeps the worker from
   * coming up.
   */
  Map<String, Codec<?, ?>> codecs();
}
