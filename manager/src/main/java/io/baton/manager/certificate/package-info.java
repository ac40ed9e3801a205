/** The certificates that listeners show their clients, and when they expire. */
@NullMarked
package io.baton.manager.certificate;

import org.jspecify.annotations.NullMarked;
