/** The links to other workers: messages in, and messages out within bounds. */
@NullMarked
package io.baton.worker.mesh;

import org.jspecify.annotations.NullMarked;
