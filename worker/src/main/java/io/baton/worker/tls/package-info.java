/** TLS: the handshake by BoringSSL, and what comes after it in a form that can move. */
@NullMarked
package io.baton.worker.tls;

import org.jspecify.annotations.NullMarked;
