@NullMarked
package io.baton.config;

import org.jspecify.annotations.NullMarked;
