package io.baton.worker;

import io.baton.service.Service;
import java.util.function.Supplier;

/**
 * A service that a module registered.
 *
 * @param module its module's name
 */
record Offer<I, O>(
    String module,
    String name,
    Class<I> in,
    Class<O> out,
    Supplier<? extends Service<I, O>> factory) {}
