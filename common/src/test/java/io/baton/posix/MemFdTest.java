package io.baton.posix;

import static io.baton.posix.LibC.C;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.testing.Seeds;
import java.util.Random;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemFdTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4096, 1_000_000})
  void whatIsPutInComesOutAsOftenAsOneLikes(int size) throws Exception {
    byte[] bytes = new byte[size];
    new Random(Seeds.one(MemFdTest.class)).nextBytes(bytes);
    try (Fd fd = MemFd.sealed("test", bytes)) {
      assertThat(MemFd.read(fd, 1_000_000)).isEqualTo(bytes);
      assertThat(MemFd.read(fd, size)).isEqualTo(bytes);
      assertThat(MemFd.read(fd, Integer.MAX_VALUE))
          .as("what is allowed costs nothing")
          .isEqualTo(bytes);
    }
  }

  @Test
  void moreThanTheReaderAllowsIsRefused() throws Exception {
    try (Fd fd = MemFd.sealed("test", new byte[101])) {
      assertThatThrownBy(() -> MemFd.read(fd, 100))
          .isInstanceOf(PosixException.class)
          .hasMessageContaining("read memfd of more than 100 bytes")
          .hasMessageContaining("EFBIG");
    }
  }

  @Test
  void nobodyCanChangeIt() throws Exception {
    try (Fd fd = MemFd.sealed("test", new byte[10])) {
      Memory memory = new Memory(8);
      assertThat(LibC.result(C.write(fd.number(), memory.pointer, 1)))
          .isEqualTo(-Errno.EPERM.intValue());
      int addSeals = 1033;
      int sealWrite = 8;
      assertThat(LibC.result(C.fcntl(fd.number(), addSeals, sealWrite)))
          .isEqualTo(-Errno.EPERM.intValue());
    }
  }

  @Test
  void readingWhatIsNoFileSaysSo() throws Exception {
    SocketPair pair = SocketPair.open();
    assertThatThrownBy(() -> MemFd.read(pair.ours(), 10))
        .isInstanceOf(PosixException.class)
        .hasMessageStartingWith("read memfd: ");
    pair.ours().release();
    pair.theirs().release();
  }
}
