package io.baton.bench;

import java.util.OptionalInt;

/**
 * A server that is measured, all of it on 127.0.0.1.
 *
 * @param process its first process; the others descend from it
 * @param echo the port of a plain echo, if it has one
 * @param http the port where GET /hello is answered, if it has one
 * @param burn the port of an echo that is hard on its process, if it has one
 */
record Peer(
    String name, ProcessHandle process, OptionalInt echo, OptionalInt http, OptionalInt burn) {}
