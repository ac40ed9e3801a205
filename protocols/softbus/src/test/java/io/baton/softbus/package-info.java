@NullMarked
package io.baton.softbus;

import org.jspecify.annotations.NullMarked;
