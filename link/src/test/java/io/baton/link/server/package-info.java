@NullMarked
package io.baton.link.server;

import org.jspecify.annotations.NullMarked;
