/** The configuration file, read once, checked whole, concluded into immutable records. */
@NullMarked
package io.baton.config;

import org.jspecify.annotations.NullMarked;
