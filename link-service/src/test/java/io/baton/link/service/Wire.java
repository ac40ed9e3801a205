package io.baton.link.service;

import io.baton.link.TypeSet;
import io.baton.link.TypedMessages;
import io.baton.link.types.Types;
import java.nio.ByteBuffer;
import java.util.List;

/** What a client says and hears in tests of services: numbers, and a word that only it knows. */
final class Wire {
  /** The messages as a service knows them. */
  sealed interface Sum {
    record Add(int number) implements Sum {}

    record Total(int number) implements Sum {}
  }

  /** What a newer client says. */
  sealed interface NewerSum {
    record Forget(int number) implements NewerSum {}

    record Total(int number) implements NewerSum {}
  }

  /** The same as a client has it that does not fit. */
  sealed interface OtherSum {
    record Add(String number) implements OtherSum {}
  }

  static final Types<Sum> TYPES = Types.of(Sum.class);
  static final TypedMessages<Sum, Sum> MESSAGES = new TypedMessages<>(TYPES, TYPES);

  private Wire() {}

  static LinkInput add(int number) {
    return input(MESSAGES, new Sum.Add(number));
  }

  static LinkInput unknown() {
    Types<NewerSum> newer = Types.of(NewerSum.class);
    return input(new TypedMessages<>(newer, newer), new NewerSum.Forget(1));
  }

  static LinkInput misfit() {
    Types<OtherSum> other = Types.of(OtherSum.class);
    return input(new TypedMessages<>(other, other), new OtherSum.Add("1"));
  }

  static LinkInput malformed() {
    return new LinkInput.Message(MESSAGES.own(), ByteBuffer.wrap(new byte[] {0, -1}));
  }

  private static <O> LinkInput input(TypedMessages<?, O> client, O message) {
    TypeSet sent = new TypeSet(client.own().schema());
    return new LinkInput.Message(sent, client.encode(message, 1_000));
  }

  /** Returns what a service has sent: totals, and goodbyes. */
  static List<String> texts(List<LinkOutput> sent) {
    return sent.stream()
        .filter(each -> !(each instanceof LinkOutput.Shared))
        .map(Wire::text)
        .toList();
  }

  private static String text(LinkOutput output) {
    return switch (output) {
      case LinkOutput.Message(String channel, TypeSet types, ByteBuffer bytes) ->
          (channel.isEmpty() ? "" : channel + ": ") + text(types, bytes);
      case LinkOutput.Ask ask -> "asks " + text(ask.types(), ask.bytes());
      case LinkOutput.Reply(long ask, TypeSet types, ByteBuffer bytes) ->
          "replies to " + ask + " " + text(types, bytes);
      case LinkOutput.Failed(long ask, int code, String text) ->
          "fails " + ask + " " + code + " " + text;
      case LinkOutput.Cancel ignored -> "cancels";
      case LinkOutput.Channel(String name, ChannelRoom ignored) -> "opens " + name;
      case LinkOutput.EndChannel(String name) -> "ends " + name;
      case LinkOutput.Stream stream -> "streams " + stream.stream().name();
      case LinkOutput.Shared ignored -> "shares";
      case LinkOutput.Clock ignored -> "clock";
      case LinkOutput.Goodbye(int code, String text) -> "goodbye " + code + " " + text;
    };
  }

  private static String text(TypeSet types, ByteBuffer bytes) {
    try {
      return MESSAGES.read(types, bytes).toString();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
