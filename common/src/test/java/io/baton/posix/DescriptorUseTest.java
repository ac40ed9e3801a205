package io.baton.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DescriptorUseTest {

  @Test
  void aProcessSeesWhatItOpensAndItsLimit() throws Exception {
    long self = ProcessHandle.current().pid();
    DescriptorUse before = DescriptorUse.of(self);
    assertThat(before.limit()).isGreaterThanOrEqualTo(before.open());
    try (EventFd _ = new EventFd()) {
      assertThat(DescriptorUse.of(self).open()).isGreaterThan(before.open() - 5).isPositive();
    }
  }

  @Test
  void nothingIsKnownOfAProcessThatIsGone() {
    assertThat(DescriptorUse.of(Integer.MAX_VALUE)).isEqualTo(DescriptorUse.UNKNOWN);
  }

  @Test
  void theLimitIsTheSoftOne() {
    assertThat(
            DescriptorUse.limit(
                List.of(
                    "Limit                     Soft Limit           Hard Limit           Units     ",
                    "Max open files            1024                 524288               files     ")))
        .isEqualTo(1024);
    assertThat(DescriptorUse.limit(List.of("Max open files  unlimited  unlimited  files")))
        .isEqualTo(Integer.MAX_VALUE);
    assertThat(DescriptorUse.limit(List.of("Max stack size  8388608  unlimited  bytes"))).isZero();
  }
}
