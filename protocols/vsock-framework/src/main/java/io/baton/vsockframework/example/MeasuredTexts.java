package io.baton.vsockframework.example;

import java.util.Optional;

/** A class derived from that of {@link Texts}, with a {@code std::unique_ptr}. */
public record MeasuredTexts(Texts base, Optional<Double> value) {}
