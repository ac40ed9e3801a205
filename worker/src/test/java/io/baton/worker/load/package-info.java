@NullMarked
package io.baton.worker.load;

import org.jspecify.annotations.NullMarked;
