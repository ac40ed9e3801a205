@NullMarked
package io.baton.worker.life;

import org.jspecify.annotations.NullMarked;
