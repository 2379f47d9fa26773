package dev.dynaseal.interop;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** Reading and writing the protocol's JSON. */
final class Json {

  private static final ObjectMapper MAPPER =
    new ObjectMapper(
      JsonFactory
        .builder()
        .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
        .build()
    );

  private Json() {}

  static JsonNode parse(String line) throws JsonProcessingException {
    return MAPPER.readTree(line);
  }

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static JsonNode of(Object value) {
    return MAPPER.valueToTree(value);
  }

  static JsonNode base64(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return MAPPER.getNodeFactory().textNode(Base64.getEncoder().encodeToString(copy));
  }

  /** A member that must be there. */
  static JsonNode member(JsonNode node, String name) {
    JsonNode member = node.get(name);
    if (member == null || member.isNull()) {
      throw new IllegalArgumentException("the request lacks \"" + name + "\"");
    }
    return member;
  }

  static String text(JsonNode node, String name) {
    return member(node, name).asText();
  }

  static String text(JsonNode node, String name, String otherwise) {
    return node.hasNonNull(name) ? node.get(name).asText() : otherwise;
  }

  /** Bytes given in base64. */
  static ByteBuffer bytes(JsonNode node, String name) {
    return ByteBuffer.wrap(Base64.getDecoder().decode(text(node, name)));
  }

  /** Bytes given as text, as PEM is. */
  static ByteBuffer utf8(JsonNode value) {
    return ByteBuffer.wrap(value.asText().getBytes(StandardCharsets.UTF_8));
  }

  /** Passes a member on if it is there: the library tells absent from empty. */
  static void ifPresent(JsonNode node, String name, Consumer<JsonNode> use) {
    if (node.hasNonNull(name)) {
      use.accept(node.get(name));
    }
  }

  static <T> List<T> list(JsonNode array, Function<JsonNode, T> element) {
    List<T> list = new ArrayList<>();
    array.forEach(node -> list.add(element.apply(node)));
    return list;
  }

  static List<String> texts(JsonNode array) {
    return list(array, JsonNode::asText);
  }

  static <T> Map<String, T> map(JsonNode object, Function<JsonNode, T> value) {
    Map<String, T> map = new LinkedHashMap<>();
    object.fields().forEachRemaining(field -> map.put(field.getKey(), value.apply(field.getValue())));
    return map;
  }
}
