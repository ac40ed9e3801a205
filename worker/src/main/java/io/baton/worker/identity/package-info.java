/** Who clients are: users' authenticators at work, and what is known of a client. */
@NullMarked
package io.baton.worker.identity;

import org.jspecify.annotations.NullMarked;
