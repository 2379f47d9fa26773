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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Serves the published library to tests: one JSON request a line on standard input, one JSON response a line on
 * standard output. A request is {@code {"id", "operation", …}}; its response is {@code {"id", "result"}} or
 * {@code {"id", "error": {"type", "message", …}}}. Responses may come in another order than their requests. It ends
 * with {@code {"operation": "stop"}} or with its input, after the requests under way.
 */
public final class Main {

  /** The library recurses over attributes and bytes; the default stack does not hold a 400 KB item. */
  private static final long STACK_BYTES = 256L << 20;

  private Main() {}

  public static void main(String[] arguments) throws Exception {
    PrintStream responses = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    // Nothing but responses may reach standard output, whatever a dependency prints.
    System.setOut(System.err);
    int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
    ExecutorService workers =
      Executors.newFixedThreadPool(threads, work -> new Thread(null, work, "worker", STACK_BYTES));
    Operations operations = new Operations();
    BufferedReader requests =
      new BufferedReader(new InputStreamReader(new FileInputStream(FileDescriptor.in), StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      JsonNode request = Json.parse(line);
      if (Json.text(request, "operation").equals("stop")) {
        break;
      }
      workers.execute(() -> respond(responses, request, operations));
    }
    workers.shutdown();
    workers.awaitTermination(10, TimeUnit.SECONDS);
    responses.flush();
    // The SDK's idle connection reaper and the like would keep the process alive.
    Runtime.getRuntime().halt(0);
  }

  private static void respond(PrintStream responses, JsonNode request, Operations operations) {
    ObjectNode response = Json.object();
    response.set("id", request.get("id"));
    try {
      response.set("result", operations.run(request));
    } catch (Throwable thrown) {
      response.set("error", Errors.describe(thrown));
    }
    synchronized (responses) {
      responses.println(response);
      responses.flush();
    }
  }
}
