@NullMarked
package io.baton.link.service;

import org.jspecify.annotations.NullMarked;
