package dev.dynaseal.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Serves the key store and the hierarchical keyring of older material providers, one JSON request a line, as
 * {@code Main} of interop/java does; one request after the other. The operations are {@code keyStore}, {@code wrap} and
 * {@code unwrap}.
 */
public final class OldMain {

  private OldMain() {}

  public static void main(String[] arguments) throws Exception {
    PrintStream responses = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    System.setOut(System.err);
    BufferedReader requests =
      new BufferedReader(new InputStreamReader(new FileInputStream(FileDescriptor.in), StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      JsonNode request = Json.parse(line);
      ObjectNode response = Json.object();
      response.set("id", request.get("id"));
      try {
        response.set("result", run(request));
      } catch (Throwable thrown) {
        ObjectNode error = response.putObject("error");
        error.put("type", thrown.getClass().getSimpleName());
        error.put("message", String.valueOf(thrown.getMessage()));
      }
      responses.println(response);
      responses.flush();
    }
    // The SDK's idle connection reaper and the like would keep the process alive.
    Runtime.getRuntime().halt(0);
  }

  private static JsonNode run(JsonNode request) {
    String operation = Json.text(request, "operation");
    switch (operation) {
      case "keyStore":
        return OldKeyStores.run(request);
      case "wrap":
        return OldKeyStores.wrap(request);
      case "unwrap":
        return OldKeyStores.unwrap(request);
      default:
        throw new IllegalArgumentException("there is no operation \"" + operation + "\"");
    }
  }
}
