package dev.dynaseal.dynamodblocal;

import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBRequestHandler;
import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBServerHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Starts DynamoDB Local in memory on a free port of the loopback interface, prints the port on standard output and
 * runs until standard input ends.
 *
 * <p>The launcher that comes with DynamoDB Local listens on every interface, wants a port number chosen beforehand and
 * outlives the process that started it. Telemetry stays off because only that launcher configures it.
 */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) throws Exception {
    Logger.getLogger("com.almworks.sqlite4java").setLevel(Level.SEVERE);
    Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    server.setHandler(new LocalDynamoDBServerHandler(inMemory(), "*"));
    server.start();
    System.out.println(((ServerConnector) server.getConnectors()[0]).getLocalPort());
    while (System.in.read() >= 0) {
      // Nothing is expected here: the end of the input is the parent's wish, or its death.
    }
    Runtime.getRuntime().halt(0);
  }

  /** One database for each pair of access key and Region, statuses without artificial delay. */
  private static LocalDynamoDBRequestHandler inMemory() {
    int anyPort = 0;
    String noPath = null;
    boolean sharedDatabase = false;
    boolean delayedStatuses = false;
    return new LocalDynamoDBRequestHandler(anyPort, true, noPath, sharedDatabase, delayedStatuses);
  }
}
