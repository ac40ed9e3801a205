package io.baton.worker.accesslog;

/** The access log of one listener. Any thread; never blocks. */
public interface AccessLog {
  /** The log of a listener that has none. */
  AccessLog OFF =
      new AccessLog() {
        @Override
        public boolean isOn() {
          return false;
        }

        @Override
        public void add(AccessEntry entry) {}
      };

  /** Returns whether anybody reads what is added. */
  boolean isOn();

  /** Adds a line, or counts it as dropped if too many wait to be written. */
  void add(AccessEntry entry);
}
