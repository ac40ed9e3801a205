package io.baton.worker.run;

import io.baton.service.Service;
import io.baton.worker.codec.Codec;
import java.util.function.Supplier;

/**
 * What happens with a listener's connections.
 *
 * @param listener its name
 * @param service makes the service of one session
 */
public record Route<I, O>(
    String listener, Codec<I, O> codec, Supplier<? extends Service<I, O>> service) {}
