package dev.dynaseal.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.utils.builder.Buildable;

/** The SDK's shapes (requests, responses, AttributeValues) as the JSON of the service's API, binary in base64. */
final class Shapes {

  private Shapes() {}

  static Map<String, AttributeValue> item(JsonNode json) {
    return Json.map(json, value -> (AttributeValue) read(value, AttributeValue.builder()));
  }

  static ObjectNode item(Map<String, AttributeValue> item) {
    ObjectNode json = Json.object();
    item.forEach((name, value) -> json.set(name, write(value)));
    return json;
  }

  /** Fills a builder from JSON and builds it. A member that the shape does not have is an error. */
  static Object read(JsonNode json, SdkPojo builder) {
    Map<String, SdkField<?>> fields = new LinkedHashMap<>();
    builder.sdkFields().forEach(field -> fields.put(field.locationName(), field));
    json
      .fields()
      .forEachRemaining(member -> {
        SdkField<?> field = fields.get(member.getKey());
        if (field == null) {
          throw new IllegalArgumentException("there is no member \"" + member.getKey() + "\"");
        }
        field.set(builder, value(member.getValue(), field));
      });
    return ((Buildable) builder).build();
  }

  /** Only what is set: members that the SDK fills with empty collections are left out. */
  static ObjectNode write(SdkPojo shape) {
    ObjectNode json = Json.object();
    for (SdkField<?> field : shape.sdkFields()) {
      Object value = field.getValueOrDefault(shape);
      if (value != null && !(value instanceof SdkAutoConstructList) && !(value instanceof SdkAutoConstructMap)) {
        json.set(field.locationName(), write(value));
      }
    }
    return json;
  }

  private static Object value(JsonNode json, SdkField<?> field) {
    MarshallingType<?> type = field.marshallingType();
    if (type == MarshallingType.SDK_POJO) {
      return read(json, field.constructor().get());
    } else if (type == MarshallingType.LIST) {
      return Json.list(json, element -> value(element, field.getTrait(ListTrait.class).memberFieldInfo()));
    } else if (type == MarshallingType.MAP) {
      return Json.map(json, element -> value(element, field.getTrait(MapTrait.class).valueFieldInfo()));
    } else if (type == MarshallingType.SDK_BYTES) {
      return SdkBytes.fromByteArray(Base64.getDecoder().decode(json.asText()));
    } else if (type == MarshallingType.BOOLEAN) {
      return json.asBoolean();
    } else if (type == MarshallingType.INTEGER) {
      return json.asInt();
    } else if (type == MarshallingType.LONG) {
      return json.asLong();
    } else if (type == MarshallingType.DOUBLE) {
      return json.asDouble();
    } else if (type == MarshallingType.INSTANT) {
      return Instant.ofEpochMilli(Math.round(json.asDouble() * 1000));
    }
    return json.asText();
  }

  private static JsonNode write(Object value) {
    if (value instanceof SdkPojo) {
      return write((SdkPojo) value);
    } else if (value instanceof Collection<?>) {
      ArrayNode array = Json.object().arrayNode();
      ((Collection<?>) value).forEach(element -> array.add(write(element)));
      return array;
    } else if (value instanceof Map<?, ?>) {
      ObjectNode object = Json.object();
      ((Map<?, ?>) value).forEach((name, element) -> object.set((String) name, write(element)));
      return object;
    } else if (value instanceof SdkBytes) {
      return Json.base64(((SdkBytes) value).asByteBuffer());
    } else if (value instanceof Instant) {
      return Json.of(((Instant) value).toEpochMilli() / 1000.0);
    }
    return Json.of(value);
  }
}
