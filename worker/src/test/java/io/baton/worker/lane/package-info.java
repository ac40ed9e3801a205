@NullMarked
package io.baton.worker.lane;

import org.jspecify.annotations.NullMarked;
