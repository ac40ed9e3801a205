/** HTTP/1.1: requests whole, responses in order, the connection's end said and kept. */
@NullMarked
package io.baton.worker.codec.http;

import org.jspecify.annotations.NullMarked;
