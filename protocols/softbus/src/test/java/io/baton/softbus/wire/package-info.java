@NullMarked
package io.baton.softbus.wire;

import org.jspecify.annotations.NullMarked;
