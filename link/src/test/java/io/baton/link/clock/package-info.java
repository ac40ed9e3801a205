@NullMarked
package io.baton.link.clock;

import org.jspecify.annotations.NullMarked;
