package io.baton.log;

import ch.qos.logback.core.status.Status;
import ch.qos.logback.core.status.StatusListener;

/**
 * Prints what is wrong with logging itself, and only that. Without a listener, logback prints all
 * it did as soon as it has anything to warn of, which would be a worker's last words when it dies.
 */
public final class ErrorsOnly implements StatusListener {

  @Override
  public void addStatusEvent(Status status) {
    if (status.getEffectiveLevel() >= Status.ERROR) {
      System.err.println(status);
    }
  }
}
