package io.baton.codec;

import io.baton.service.Service;
import java.util.function.Supplier;

/**
 * A codec and a service of the same types: what is spoken on a connection, and who answers.
 *
 * @param name the protocol's name, unique on its listener; a session that moves to another worker
 *     finds its protocol by it
 * @param codec the codec
 * @param service makes the service of one session; called once for each, in its lane
 * @param <I> the messages that the codec reads and the service receives
 * @param <O> the messages that the service sends and the codec writes
 */
public record Protocol<I, O>(
    String name, Codec<I, O> codec, Supplier<? extends Service<I, O>> service) {}
