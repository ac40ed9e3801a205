package io.baton.worker.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;

/** Makes the files that bodies are in. Called on the spool's thread. */
@FunctionalInterface
interface Disk {

  /** An empty file, open to be read and written, that is gone when it is closed. */
  FileChannel create() throws IOException;
}
