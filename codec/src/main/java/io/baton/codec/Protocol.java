package io.baton.codec;

import io.baton.service.Service;
import java.util.function.Supplier;

/**
 * What is spoken on a connection and who answers: a codec and a service of the same types.
 *
 * @param name tells it apart from the others of its listener, so that a session that moves finds it
 *     again
 * @param service makes the service of one session
 */
public record Protocol<I, O>(
    String name, Codec<I, O> codec, Supplier<? extends Service<I, O>> service) {}
