package io.baton.vsockframework.example;

/** A string. */
public record Text(String text) {}
