package io.baton.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
  @TempDir private Path dir;
  private final LoggerContext context = new LoggerContext();
  private Path file;

  @BeforeEach
  void open() throws IOException {
    file = Files.createDirectory(dir.resolve("log")).resolve("manager.log");
  }

  @AfterEach
  void close() {
    context.stop();
  }

  private void log(String line) {
    context.getLogger("test").info(line);
  }

  private void start() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%msg%n");
    encoder.start();
    LogFile appender = new LogFile();
    appender.setContext(context);
    appender.setFile(file.toString());
    appender.setEncoder(encoder);
    FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
    rolling.setContext(context);
    rolling.setParent(appender);
    rolling.setFileNamePattern(file + ".%i");
    rolling.start();
    appender.setRollingPolicy(rolling);
    SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
    size.setContext(context);
    size.setMaxFileSize(FileSize.valueOf("10MB"));
    size.start();
    appender.setTriggeringPolicy(size);
    appender.start();
    context.getLogger("test").setLevel(Level.INFO);
    context.getLogger("test").addAppender(appender);
  }

  @Test
  void afterItWasMovedLinesGoToTheMovedOneUntilItIsOpenedAnew() throws Exception {
    start();
    log("one");
    Path moved = Files.move(file, dir.resolve("manager.log.old"));
    log("two");
    LogFile.reopenAll();
    log("three");
    assertThat(moved).hasContent("one\ntwo");
    assertThat(file).hasContent("three");
  }

  @Test
  void afterItsDirectoryWasDeletedThatIsMadeAgain() throws Exception {
    start();
    Files.delete(file);
    Files.delete(dir.resolve("log"));
    LogFile.reopenAll();
    log("back");
    assertThat(file).hasContent("back");
  }

  @Test
  void aLinkInItsPlaceIsNotFollowedAndLoggingGoesOnOnceItIsGone() throws Exception {
    Path precious = Files.writeString(dir.resolve("precious"), "as it was\n");
    Files.createSymbolicLink(file, precious);
    start();
    log("lost");
    assertThat(precious).hasContent("as it was");
    Files.delete(file);
    log("there");
    assertThat(file).hasContent("there");
  }

  @Test
  void whatIsThereIsKept() throws Exception {
    Files.writeString(file, "before\n");
    start();
    log("after");
    assertThat(file).hasContent("before\nafter");
  }
}
