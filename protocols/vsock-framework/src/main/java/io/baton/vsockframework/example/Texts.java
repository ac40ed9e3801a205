package io.baton.vsockframework.example;

import java.util.List;

/** A vector of objects, and a number. */
public record Texts(List<Text> texts, int number) {}
