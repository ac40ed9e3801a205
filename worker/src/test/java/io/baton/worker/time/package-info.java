@NullMarked
package io.baton.worker.time;

import org.jspecify.annotations.NullMarked;
