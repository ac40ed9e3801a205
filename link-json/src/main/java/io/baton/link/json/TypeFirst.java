package io.baton.link.json;

import java.util.Collection;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.jsontype.impl.AsPropertyTypeDeserializer;
import tools.jackson.databind.jsontype.impl.StdTypeResolverBuilder;

/**
 * The rule that {@code type} is an object's first property. Jackson itself finds it anywhere and
 * keeps what is before it, at each level of nesting again: that would multiply the memory that a
 * hostile message takes.
 */
final class TypeFirst extends StdTypeResolverBuilder {
  @Override
  public TypeDeserializer buildTypeDeserializer(
      DeserializationContext context, JavaType base, Collection<NamedType> subtypes) {
    return new Reading(
        (AsPropertyTypeDeserializer) super.buildTypeDeserializer(context, base, subtypes), null);
  }

  private static final class Reading extends AsPropertyTypeDeserializer {
    Reading(AsPropertyTypeDeserializer from, @Nullable BeanProperty property) {
      super(from, property);
    }

    @Override
    public TypeDeserializer forProperty(BeanProperty property) {
      return new Reading(this, property);
    }

    @Override
    public Object deserializeTypedFromObject(JsonParser parser, DeserializationContext context) {
      if (!parser.hasToken(JsonToken.START_OBJECT)
          || parser.nextToken() != JsonToken.PROPERTY_NAME
          || !parser.currentName().equals(_typePropertyName)
          || parser.nextToken() != JsonToken.VALUE_STRING) {
        return context.reportInputMismatch(
            baseType(),
            "%s is an object whose first property is \"%s\", a text",
            baseTypeName(),
            _typePropertyName);
      }
      return _deserializeTypedForId(parser, context, null, parser.getString());
    }

    @Override
    public Object deserializeTypedFromAny(JsonParser parser, DeserializationContext context) {
      return deserializeTypedFromObject(parser, context);
    }
  }
}
