@NullMarked
package io.baton.link.core;

import org.jspecify.annotations.NullMarked;
