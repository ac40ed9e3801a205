/** A received descriptor as a Netty channel, and how such a channel is closed. */
@NullMarked
package io.baton.worker.channel;

import org.jspecify.annotations.NullMarked;
