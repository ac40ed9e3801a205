@NullMarked
package io.baton.softbus.client;

import org.jspecify.annotations.NullMarked;
