package io.baton.link.json;

import io.baton.link.types.MalformedException;
import io.baton.link.types.ReadingPlan;
import io.baton.link.types.UndecodableException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.ValueInstantiationException;

/**
 * The way from JSON to this side's records, which is the same for all peers. What Jackson refuses
 * is malformed, unless the message may be right for a newer peer: then it is undecodable.
 */
final class JsonPlan<M> implements ReadingPlan<M> {
  private static final int MAX_TEXT = 200;

  private final Class<M> type;
  private final JsonFactory factory;
  private final ObjectReader reader;

  JsonPlan(Class<M> type, JsonFactory factory, ObjectReader reader) {
    this.type = type;
    this.factory = factory;
    this.reader = reader;
  }

  @Override
  public M read(ByteBuffer buffer) throws MalformedException, UndecodableException {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), bytes)) {
      M message = type.cast(reader.readValue(parser));
      if (message == null) {
        throw new MalformedException("malformed: null is not a message");
      }
      return message;
    } catch (InvalidTypeIdException | ValueInstantiationException e) {
      throw undecodable(bytes, e);
    } catch (InvalidFormatException e) {
      if (isUnknownConstant(e) || e.getValue() instanceof BigDecimal) {
        throw undecodable(bytes, e);
      }
      throw malformed(e);
    } catch (JacksonException e) {
      throw malformed(e);
    }
  }

  private static boolean isUnknownConstant(InvalidFormatException e) {
    Class<?> target = e.getTargetType();
    return e.getValue() instanceof String && target != null && target.isEnum();
  }

  /** Names the message, whose {@code type} is its first property: else it would be malformed. */
  private UndecodableException undecodable(byte[] bytes, JacksonException e) {
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), bytes)) {
      parser.nextToken();
      parser.nextToken();
      parser.nextToken();
      return new UndecodableException(
          printable(parser.getString()), printable(e.getOriginalMessage()), e);
    }
  }

  private static MalformedException malformed(JacksonException e) {
    TokenStreamLocation at = e.getLocation();
    return new MalformedException(
        "malformed%s: %s"
            .formatted(
                at == null ? "" : " at byte " + at.getByteOffset(),
                printable(e.getOriginalMessage())));
  }

  /**
   * Returns the beginning of a text, which may quote a peer, without what a log would interpret.
   */
  private static String printable(String text) {
    return text.substring(0, Math.min(text.length(), MAX_TEXT)).replaceAll("[^\\x20-\\x7e]", "?");
  }
}
