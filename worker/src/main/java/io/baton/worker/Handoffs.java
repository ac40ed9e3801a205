package io.baton.worker;

import io.baton.pipe.Message.Handoff;
import io.baton.posix.Fd;
import io.baton.service.SessionId;
import io.baton.worker.channel.FdAddress;
import io.baton.worker.channel.FdChannel;
import io.baton.worker.intake.Adopter;
import io.baton.worker.run.Host;
import io.baton.worker.run.Route;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sessions of handoffs: the descriptor a channel, the channel one of its listener's route.
 */
final class Handoffs implements Adopter {
  private static final Logger LOG = LoggerFactory.getLogger(Handoffs.class);

  private final EventLoop loop;
  private final Host host;
  private final List<Route<?, ?>> routes;
  private final List<FdAddress> locals = new ArrayList<>();

  Handoffs(EventLoop loop, Host host, List<Route<?, ?>> routes) {
    this.loop = loop;
    this.host = host;
    this.routes = routes;
    routes.forEach(route -> locals.add(new FdAddress("listener " + route.listener())));
  }

  @Override
  public boolean knows(Handoff handoff) {
    return handoff.listener() < routes.size();
  }

  @Override
  public Connection adopt(Handoff handoff, Fd descriptor) {
    FdChannel channel =
        FdChannel.adopt(
            descriptor, locals.get(handoff.listener()), new FdAddress(handoff.peer().toString()));
    return new Adopted(handoff, channel);
  }

  private final class Adopted implements Connection {
    private final Handoff handoff;
    private final FdChannel channel;

    Adopted(Handoff handoff, FdChannel channel) {
      this.handoff = handoff;
      this.channel = channel;
    }

    @Override
    public void start() {
      host.equip(
          channel, routes.get(handoff.listener()), new SessionId(handoff.id()), handoff.peer());
      loop.register(channel)
          .addListener(registered -> {
            if (!registered.isSuccess()) {
              LOG.error(
                  "the connection of {} cannot be registered and is closed",
                  handoff.peer(),
                  registered.cause());
            }
          });
    }

    @Override
    public void abandon() {
      channel.unsafe().closeForcibly();
    }
  }
}
