package io.baton.worker.accesslog;

/** The text of an access log's lines. One thread at a time. */
interface LineFormat {
  /** Appends the line of an entry with its line break; the line is US-ASCII. */
  void append(AccessEntry entry, StringBuilder to);
}
