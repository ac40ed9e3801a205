@NullMarked
package io.baton.worker.run;

import org.jspecify.annotations.NullMarked;
