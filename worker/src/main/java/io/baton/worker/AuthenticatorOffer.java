package io.baton.worker;

import io.baton.service.Authenticator;

/**
 * An authenticator that a module registered.
 *
 * @param module its module's name
 * @param loader of its module
 */
record AuthenticatorOffer(
    String module, String name, Authenticator authenticator, ClassLoader loader) {}
