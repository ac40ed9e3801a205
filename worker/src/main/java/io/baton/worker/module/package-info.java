/** The code of users' modules and where it comes from. */
@NullMarked
package io.baton.worker.module;

import org.jspecify.annotations.NullMarked;
