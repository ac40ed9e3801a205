package io.baton.link.json;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.Version;
import tools.jackson.databind.AnnotationIntrospector;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.jsontype.NamedType;

/**
 * What records would have to say in annotations to be messages: sealed interfaces are told by the
 * property {@code type}, collections that are missing are empty.
 */
final class RecordIntrospector extends AnnotationIntrospector {
  private static final long serialVersionUID = 1;

  private final Class<?> messages;

  RecordIntrospector(Class<?> messages) {
    this.messages = messages;
  }

  @Override
  public Version version() {
    return Version.unknownVersion();
  }

  private boolean isTold(Annotated annotated) {
    return annotated instanceof AnnotatedClass
        && (annotated.getRawType() == messages || JsonNames.isUnion(annotated.getRawType()));
  }

  @Override
  public JsonTypeInfo.@Nullable Value findPolymorphicTypeInfo(
      MapperConfig<?> config, Annotated annotated) {
    return isTold(annotated)
        ? JsonTypeInfo.Value.construct(
            JsonTypeInfo.Id.NAME, JsonTypeInfo.As.PROPERTY, JsonTypes.TYPE, null, false, true, null)
        : null;
  }

  @Override
  public @Nullable Object findTypeResolverBuilder(MapperConfig<?> config, Annotated annotated) {
    return isTold(annotated) ? new TypeFirst() : null;
  }

  @Override
  public @Nullable List<NamedType> findSubtypes(MapperConfig<?> config, Annotated annotated) {
    return isTold(annotated)
        ? JsonNames.members(annotated.getRawType()).stream()
            .map(member -> new NamedType(member, member.getSimpleName()))
            .toList()
        : null;
  }

  @Override
  public @Nullable String findTypeName(MapperConfig<?> config, AnnotatedClass type) {
    return type.getRawType().isRecord() ? type.getRawType().getSimpleName() : null;
  }

  @Override
  public JsonSetter.Value findSetterInfo(MapperConfig<?> config, Annotated annotated) {
    JavaType type = annotated.getType();
    boolean isCollection =
        type != null
            && (type.isTypeOrSubTypeOf(Collection.class) || type.isTypeOrSubTypeOf(Map.class));
    return isCollection
        ? JsonSetter.Value.construct(Nulls.AS_EMPTY, hasOptional(type) ? Nulls.SET : Nulls.FAIL)
        : JsonSetter.Value.empty();
  }

  private static boolean hasOptional(JavaType type) {
    JavaType content = type.getContentType();
    return type.isReferenceType() || (content != null && hasOptional(content));
  }
}
