/** The codec {@code link}: named services on sessions that outlive their connections. */
@NullMarked
package io.baton.worker.codec.link;

import org.jspecify.annotations.NullMarked;
