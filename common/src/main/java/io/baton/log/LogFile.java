package io.baton.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.util.FileUtil;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A log file that can be opened anew while lines come, for whoever has moved or deleted it. A link
 * in its place is not followed: it would have us write wherever it points to.
 */
public final class LogFile extends RollingFileAppender<ILoggingEvent> {
  private static final List<LogFile> OPEN = new CopyOnWriteArrayList<>();

  /**
   * Opens all of this process's log files anew, under their own names, and makes the directory
   * again if it is gone.
   */
  public static void reopenAll() {
    OPEN.forEach(LogFile::reopen);
  }

  @Override
  public void start() {
    super.start();
    OPEN.add(this);
  }

  @Override
  public void stop() {
    OPEN.remove(this);
    super.stop();
  }

  private void reopen() {
    streamWriteLock.lock();
    try {
      closeOutputStream();
      openFile(getFile());
    } finally {
      streamWriteLock.unlock();
    }
  }

  @Override
  public void openFile(String name) {
    streamWriteLock.lock();
    try {
      setOutputStream(new Lines(new File(name)));
    } finally {
      streamWriteLock.unlock();
    }
  }

  /**
   * What is written to the file. It never fails, because logback would write nothing any more after
   * a failure: a line that cannot be written is lost, the next one opens the file again.
   */
  private final class Lines extends OutputStream {
    private final File file;
    private @Nullable OutputStream out;
    private boolean failed;

    Lines(File file) {
      this.file = file;
      write(new byte[0], 0, 0); // so that the file is there
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    /** One system call, so that lines of two processes in one file do not mix. */
    @Override
    public void write(byte[] bytes, int offset, int length) {
      try {
        if (out == null) {
          out = open(file);
        }
        out.write(bytes, offset, length);
        failed = false;
      } catch (IOException e) {
        close();
        if (!failed) {
          addError("lines for " + file + " are lost until it can be written again", e);
        }
        failed = true;
      }
    }

    @Override
    public void close() {
      OutputStream old = out;
      out = null;
      try {
        if (old != null) {
          old.close();
        }
      } catch (IOException e) {
        addWarn("closing " + file, e);
      }
    }
  }

  private static OutputStream open(File file) throws IOException {
    FileUtil.createMissingParentDirectories(file);
    return Files.newOutputStream(
        Path.of(file.getPath()),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND,
        LinkOption.NOFOLLOW_LINKS);
  }
}
