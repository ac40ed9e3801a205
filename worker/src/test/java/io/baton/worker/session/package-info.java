@NullMarked
package io.baton.worker.session;

import org.jspecify.annotations.NullMarked;
