package io.baton.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExitWatchTest {

  private static Throwable call(StackTraceElement... stack) {
    Throwable call = new Throwable("Runtime.exit(7)");
    call.setStackTrace(stack);
    return call;
  }

  private static StackTraceElement at(String type, String method) {
    return new StackTraceElement(type, method, type.substring(type.lastIndexOf('.') + 1), 41);
  }

  private final StackTraceElement runtime = at("java.lang.Runtime", "exit");
  private final StackTraceElement system = at("java.lang.System", "exit");

  @Test
  void whoCallsExitIsSaidWithItsStack() {
    StackTraceElement cart = at("shop.Cart", "add");
    StackTraceElement lane = at("io.baton.worker.lane.LoopLane", "submit");
    assertThat(ExitWatch.said(call(runtime, system, cart, lane)))
        .isEqualTo("System.exit(7) was called by " + cart + "\n\tat " + cart + "\n\tat " + lane);
  }

  @Test
  void ofItsOwnEndTheWorkerSaysNothing() {
    assertThat(ExitWatch.said(call(runtime, system, at("io.baton.worker.Main", "main")))).isNull();
    assertThat(ExitWatch.said(null)).isNull();
  }
}
