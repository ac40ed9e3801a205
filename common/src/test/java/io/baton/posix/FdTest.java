package io.baton.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class FdTest {

  @Test
  void itEndsOnceAndASecondEndThrows() throws Exception {
    List<Consumer<Fd>> ends = List.of(Fd::end, Fd::release, fd -> Fd.owning(fd.give()).release());
    for (Consumer<Fd> first : ends) {
      for (Consumer<Fd> second : ends) {
        SocketPair pair = SocketPair.open();
        Fd fd = pair.ours();
        first.accept(fd);
        assertThat(fd.isOpen()).isFalse();
        assertThat(fd).hasToString("fd closed");
        assertThatThrownBy(() -> second.accept(fd)).isInstanceOf(IllegalStateException.class);
        fd.close(); // try-with-resources after an end is no second end
        pair.theirs().release();
      }
    }
  }

  @Test
  void endingReachesTheOtherSideWhileACopyLivesAndReleasingDoesNot() throws Exception {
    Frame frame = new Frame(16);
    for (boolean end : List.of(true, false)) {
      SocketPair carrier = SocketPair.open();
      SocketPair pair = SocketPair.open();
      frame.payload().clear().put((byte) 1);
      assertThat(frame.send(carrier.ours(), pair.ours())).isEqualTo(1); // the copy
      if (end) {
        pair.ours().end();
      } else {
        pair.ours().release();
      }
      assertThat(frame.receive(pair.theirs())).isEqualTo(end ? 0 : -Errno.EAGAIN);
      pair.theirs().release();
      carrier.ours().release();
      carrier.theirs().release();
    }
  }

  @Test
  void aNegativeNumberIsNoDescriptor() {
    assertThatThrownBy(() -> Fd.owning(-1)).isInstanceOf(IllegalArgumentException.class);
  }
}
