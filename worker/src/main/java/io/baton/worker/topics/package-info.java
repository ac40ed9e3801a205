/** Topics: what sessions have subscribed, what is published, and how both move. */
@NullMarked
package io.baton.worker.topics;

import org.jspecify.annotations.NullMarked;
