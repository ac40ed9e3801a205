package io.baton.link.service;

import io.baton.link.Transfer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * The transfers that ended with their session: their service is told of them right before the
 * session's own end. Filled by the codec before the service hears of that, by any thread.
 */
public final class UntoldTransfers {
  private final Queue<Transfer> transfers = new ConcurrentLinkedQueue<>();

  void add(Transfer transfer) {
    transfers.add(transfer);
  }

  void tell(Consumer<Transfer> each) {
    for (Transfer next = transfers.poll(); next != null; next = transfers.poll()) {
      each.accept(next);
    }
  }
}
