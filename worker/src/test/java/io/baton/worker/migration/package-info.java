@NullMarked
package io.baton.worker.migration;

import org.jspecify.annotations.NullMarked;
