/**
 * Certificates and private keys: read from the files that the configuration names, checked, and
 * handed to workers.
 */
@NullMarked
package io.baton.credentials;

import org.jspecify.annotations.NullMarked;
