/** Topics shared with other machines through a broker; the broker's client is apart, in nats. */
@NullMarked
package io.baton.worker.broker;

import org.jspecify.annotations.NullMarked;
