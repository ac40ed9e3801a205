@NullMarked
package io.baton.worker.channel;

import org.jspecify.annotations.NullMarked;
