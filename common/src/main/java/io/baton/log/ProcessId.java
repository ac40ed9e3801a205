package io.baton.log;

import ch.qos.logback.core.PropertyDefinerBase;

/** This process's id, for the lines of a log that several processes of a slot write to. */
public final class ProcessId extends PropertyDefinerBase {

  @Override
  public String getPropertyValue() {
    return Long.toString(ProcessHandle.current().pid());
  }
}
