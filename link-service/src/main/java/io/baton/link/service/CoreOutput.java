package io.baton.link.service;

import io.baton.link.TypeSet;
import io.baton.link.core.ChannelFacts;
import io.baton.link.core.LinkCode;
import io.baton.link.core.LinkCore;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The messages of a service, on the way to its core: types, channels and their room, questions. */
final class CoreOutput {
  /** Handles of this side's channels that the service looks at. */
  private Map<Integer, ChannelRoom> rooms = Collections.emptyMap();

  /** Where the service's channels and streams are counted; null until it opens one. */
  private @Nullable ChannelPlaces places;

  /** The types of the message that was sent last, and their number. */
  private @Nullable TypeSet ownTypes;

  private int own;

  void send(LinkCore core, LinkOutput.Message message) {
    int channel = channel(core, message.channel());
    arrived(channel, message.size());
    ByteBuffer bytes = message.bytes().duplicate(); // a relayed message is that of others, too
    boolean queued = channel >= 0 && core.send(channel, types(core, message.types()), bytes);
    roomChanged(core, channel, queued || channel == 0);
  }

  /** Asks; returns what the service is to be told if that is not possible. */
  LinkInput.@Nullable Failed ask(LinkCore core, Asks asks, LinkOutput.Ask ask) {
    int channel = channel(core, ask.channel());
    arrived(channel, ask.size());
    LinkInput.Failed failed = asks.ask(core, channel, ask, types(core, ask.types()));
    roomChanged(core, channel, true);
    return failed;
  }

  void reply(LinkCore core, Asks asks, LinkOutput.Reply reply) {
    asks.reply(core, reply.ask(), types(core, reply.types()), reply.bytes());
  }

  private int types(LinkCore core, TypeSet types) {
    if (!types.equals(ownTypes)) {
      ownTypes = types;
      own = core.define(ByteBuffer.wrap(types.schema()));
    }
    return own;
  }

  // ---- channels ----

  /** Returns the number of a channel, which is opened if it is not; -1 if the session closes. */
  private static int channel(LinkCore core, String name) {
    if (name.isEmpty()) {
      return 0;
    }
    int number = core.openMessages(name);
    if (number < 0 && !core.isClosing()) {
      throw new IllegalStateException(
          "the channel %s cannot be opened: 64 channels and streams of the service are open"
              .formatted(name));
    }
    return number;
  }

  /** Counts the channels and streams in this object from now on. */
  void counts(LinkCore core, ChannelPlaces in) {
    places = in;
    in.open(core.ownChannels());
    for (ChannelFacts each : core.channels()) {
      if (each.messages() && !each.incoming()) {
        in.found(each.name());
      }
    }
  }

  void hasArrived(LinkCore core) {
    ChannelPlaces in = places;
    if (in != null) {
      in.arrived(core.ownChannels());
    }
  }

  void show(LinkCore core, LinkOutput.Channel channel) {
    int number = core.openMessages(channel.name());
    hasArrived(core);
    if (number < 0) {
      channel.room().close();
    } else {
      if (rooms.isEmpty()) {
        rooms = new HashMap<>();
      }
      rooms.put(number, channel.room());
      roomChanged(core, number, true);
    }
  }

  void end(LinkCore core, LinkOutput.EndChannel channel) {
    int number = channel(core, channel.name());
    if (number > 0) {
      core.streams().end(number, LinkCode.DONE.number());
      roomChanged(core, number, false);
    }
  }

  private void arrived(int channel, int bytes) {
    ChannelRoom room = rooms.get(channel);
    if (room != null) {
      room.sent(bytes);
    }
  }

  void roomChanged(LinkCore core, int channel, boolean open) {
    ChannelPlaces in = places;
    if (in != null) {
      in.open(core.ownChannels());
    }
    ChannelRoom room = open ? rooms.get(channel) : rooms.remove(channel);
    if (room != null && open) {
      room.hasRoom(core.writable(channel));
    } else if (room != null) {
      room.close();
    }
  }

  /** The session is over, or goes on in another process. */
  void close() {
    rooms.values().forEach(ChannelRoom::close);
    rooms.clear();
  }
}
