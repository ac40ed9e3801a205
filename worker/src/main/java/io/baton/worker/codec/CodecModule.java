package io.baton.worker.codec;

import io.baton.service.Module;
import java.util.Map;

/**
 * A module that brings codecs. It compiles against the worker, which is there when it runs, so that
 * its jar carries neither the worker nor Netty.
 */
public interface CodecModule extends Module {

  /**
   * The codecs by the names that listeners know them by, of a-z, 0-9 and -. Called once, after
   * {@link #start}, on the same thread.
   *
   * <p>A name that Baton or another module has, or an exception, keeps the worker from coming up.
   */
  Map<String, Codec<?, ?>> codecs();
}
