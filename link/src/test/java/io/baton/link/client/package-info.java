@NullMarked
package io.baton.link.client;

import org.jspecify.annotations.NullMarked;
