package io.baton.worker;

import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test after which a Netty buffer is not released. */
public final class NoLeaks implements AfterEachCallback {

  @Override
  public void afterEach(ExtensionContext context) {
    LeakPresenceDetector.check();
  }
}
