/** The connection to a NATS server. */
@NullMarked
package io.baton.worker.broker.nats;

import org.jspecify.annotations.NullMarked;
