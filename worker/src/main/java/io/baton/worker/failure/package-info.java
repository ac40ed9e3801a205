/** What went wrong in somebody's code, in words for the operator. */
@NullMarked
package io.baton.worker.failure;

import org.jspecify.annotations.NullMarked;
