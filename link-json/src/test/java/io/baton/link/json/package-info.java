@NullMarked
package io.baton.link.json;

import org.jspecify.annotations.NullMarked;
