package dev.dynaseal.interop;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Makes what belongs to a configuration once and keeps the most recent: an encryptor lives as long as in a service,
 * with its caches, and a run over thousands of random configurations does not fill the memory.
 */
final class Recent<T> {

  private static final int CAPACITY = 200;

  private final Function<JsonNode, T> make;
  private final Map<String, T> made = new LinkedHashMap<>(16, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
      return size() > CAPACITY;
    }
  };

  Recent(Function<JsonNode, T> make) {
    this.make = make;
  }

  synchronized T get(JsonNode config) {
    String key = config.toString();
    T value = made.get(key);
    if (value == null) {
      value = make.apply(config);
      made.put(key, value);
    }
    return value;
  }
}
