package io.baton.worker.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.service.ServiceOffer;
import io.baton.service.Services.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

class ChangedOffersTest {
  private final List<ServiceOffer> offers = new ArrayList<>();
  private final List<String> asked = new ArrayList<>();
  private final ChangedOffers changed = new ChangedOffers(this::offers);
  private final ServiceRegistry registry = new ServiceRegistry();
  private final BlockingQueue<List<ServiceOffer>> told = new LinkedBlockingQueue<>();

  private List<ServiceOffer> offers(String name) {
    asked.add(name);
    return List.copyOf(offers);
  }

  private Registration watch(String name) {
    return registry.watch(name, told::add, ChangedOffersTest.class.getClassLoader());
  }

  @Test
  void aThousandChangesAreShownOnceToEachWatchOfTheName() throws Exception {
    try (Registration _ = watch("a");
        Registration _ = watch("a")) {
      assertThat(told.take()).isEmpty();
      assertThat(told.take()).isEmpty();
      for (int i = 0; i < 1_000; i++) {
        offers.clear();
        offers.add(new ServiceOffer(0, i));
        changed.add("a");
        changed.add("of nobody's interest");
      }
      changed.show(registry);
      changed.show(registry);
      assertThat(asked).containsExactly("a");
      assertThat(told.take()).containsExactly(new ServiceOffer(0, 999));
      assertThat(told.take()).containsExactly(new ServiceOffer(0, 999));
    }
  }

  @Test
  void aWatchThatHasEndedIsShownNothing() throws Exception {
    watch("a").close();
    changed.add("a");
    changed.show(registry);
    assertThat(asked).isEmpty();
  }
}
