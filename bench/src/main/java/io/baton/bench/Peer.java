package io.baton.bench;

import java.util.OptionalInt;

/**
 * A server that is measured, all of it on 127.0.0.1.
 *
 * @param process its first process; the others descend from it
 * @param echo the port of a plain echo, if it has one
 * @param http the port where GET /hello is answered, if it has one
 * @param burn the port of an echo that is hard on its process, if it has one
 * @param https the port where GET /64 and GET /1024 are answered with so many bytes, encrypted, if
 *     it has one
 */
record Peer(
    String name,
    ProcessHandle process,
    OptionalInt echo,
    OptionalInt http,
    OptionalInt burn,
    OptionalInt https) {

  /** One that does not encrypt. */
  Peer(String name, ProcessHandle process, OptionalInt echo, OptionalInt http, OptionalInt burn) {
    this(name, process, echo, http, burn, OptionalInt.empty());
  }

  /** One of which only its echo is measured. */
  static Peer echo(String name, ProcessHandle process, int port) {
    OptionalInt none = OptionalInt.empty();
    return new Peer(name, process, OptionalInt.of(port), none, none);
  }

  /** One of which only that is measured. */
  static Peer https(String name, ProcessHandle process, int port) {
    OptionalInt none = OptionalInt.empty();
    return new Peer(name, process, none, none, none, OptionalInt.of(port));
  }
}
