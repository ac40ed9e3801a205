@NullMarked
package io.baton.worker.intake;

import org.jspecify.annotations.NullMarked;
