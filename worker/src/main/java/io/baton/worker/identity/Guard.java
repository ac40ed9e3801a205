package io.baton.worker.identity;

import io.baton.service.AuthenticationRequest;
import io.netty.util.concurrent.EventExecutor;
import java.util.function.Consumer;

/**
 * The authenticator of a listener or of one of its routes.
 *
 * @param lane in which it runs, with whatever else it decides on
 * @param timeoutMs after which a client is not kept waiting
 */
public record Guard(AuthenticationLane lane, long timeoutMs) {

  /** Asks it, as {@link AuthenticationLane#submit}. */
  public AuthenticationLane.Call ask(
      AuthenticationRequest request, EventExecutor loop, Consumer<Verdict> told) {
    return lane.submit(request, timeoutMs, loop, told);
  }
}
