package io.baton.worker.services;

import io.baton.mesh.MeshMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a router has done. */
final class RecordingServices implements ServiceOutput {
  record Sent(long to, MeshMessage message) {}

  record Accepted(long number, MeshMessage.Ask question) {}

  /** Of what was sent to all workers of other machines. */
  static final long MACHINES = -1;

  final List<Sent> sent = new ArrayList<>();
  final List<Accepted> accepted = new ArrayList<>();
  final List<String> changed = new ArrayList<>();
  final Set<Long> full = new HashSet<>();

  @Override
  public boolean send(long neighbour, MeshMessage message) {
    boolean refusable = message instanceof MeshMessage.Ask || message instanceof MeshMessage.Answer;
    if (refusable && full.contains(neighbour)) {
      return false;
    }
    sent.add(new Sent(neighbour, message));
    return true;
  }

  @Override
  public void sendToMachines(MeshMessage message) {
    sent.add(new Sent(MACHINES, message));
  }

  @Override
  public void respond(long number, MeshMessage.Ask question) {
    accepted.add(new Accepted(number, question));
  }

  @Override
  public void changed(String name) {
    changed.add(name);
  }

  /** What was sent since the last call. */
  List<Sent> takeSent() {
    List<Sent> all = List.copyOf(sent);
    sent.clear();
    return all;
  }
}
