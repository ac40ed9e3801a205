@NullMarked
package io.baton.worker.codec.websocket;

import org.jspecify.annotations.NullMarked;
