package io.baton.manager.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JvmOutputTest {

  @Test
  void aJvmThatIsOutOfMemorySaysSo() {
    String text =
        """
        a service's own words
        Terminating due to java.lang.OutOfMemoryError: Java heap space
        """;
    assertThat(JvmOutput.reason(text, true))
        .isEqualTo("java.lang.OutOfMemoryError: Java heap space");
    assertThat(JvmOutput.reason(text, false))
        .isEqualTo("java.lang.OutOfMemoryError: Java heap space");
  }

  @Test
  void ofACrashTheLineIsToldThatNamesIt() {
    String text =
        """
        #
        # A fatal error has been detected by the Java Runtime Environment:
        #
        #  SIGSEGV (0xb) at pc=0x00007f0c2f0a1c4c, pid=4711, tid=4712
        #
        # JRE version: OpenJDK Runtime Environment (25.0+36)
        # An error report file with more information is saved as:
        # /srv/baton/log/hs_err-worker-0-4711.log
        [thread 4712 also had an error]
        """;
    assertThat(JvmOutput.reason(text, true))
        .isEqualTo("the JVM crashed: SIGSEGV (0xb) at pc=0x00007f0c2f0a1c4c, pid=4711, tid=4712");
  }

  @Test
  void aMachineWithoutMemoryIsTold() {
    String text =
        """
        #
        # There is insufficient memory for the Java Runtime Environment to continue.
        # Native memory allocation (mmap) failed to map 65536 bytes. Error detail: committing
        """;
    assertThat(JvmOutput.reason(text, true))
        .isEqualTo(
            "There is insufficient memory for the Java Runtime Environment to continue. Native"
                + " memory allocation (mmap) failed to map 65536 bytes. Error detail: committing");
  }

  @Test
  void ofAJvmThatDoesNotStartTheFirstErrorIsToldNotTheLastLine() {
    assertThat(
            JvmOutput.reason(
                """
                OpenJDK 64-Bit Server VM warning: Option UseX was deprecated
                Unrecognized VM option 'UseMagic'
                Error: Could not create the Java Virtual Machine.
                Error: A fatal exception has occurred. Program will exit.
                """,
                false))
        .isEqualTo("Unrecognized VM option 'UseMagic'");
    assertThat(
            JvmOutput.reason(
                """
                Error occurred during initialization of VM
                Too small maximum heap
                """,
                false))
        .isEqualTo("Error occurred during initialization of VM: Too small maximum heap");
    assertThat(
            JvmOutput.reason(
                """
                Exception in thread "main" java.lang.ExceptionInInitializerError
                \tat io.baton.worker.Main.main(Main.java:1)
                """,
                false))
        .isEqualTo("Exception in thread \"main\" java.lang.ExceptionInInitializerError");
    assertThat(JvmOutput.reason("out of luck\n", false)).isEqualTo("out of luck");
    assertThat(JvmOutput.reason("\n", false)).isNull();
  }

  @Test
  void whoeverCallsExitIsTold() {
    String line = "System.exit(7) was called by shop.jar//shop.Cart.add(Cart.java:41)";
    assertThat(JvmOutput.reason(line + "\n\tat shop.Cart.add(Cart.java:41)\n", true))
        .isEqualTo(line);
  }

  @Test
  void whatAServicePrintedIsNoReasonForTheEndOfItsWorker() {
    assertThat(JvmOutput.reason("Error: no such customer\njava.lang.Exception\n", true)).isNull();
  }
}
