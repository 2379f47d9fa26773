package dev.dynaseal.interop;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/** What was thrown, as JSON: type, message, the service's code and members, the errors it collects, its cause. */
final class Errors {

  private Errors() {}

  static ObjectNode describe(Throwable thrown) {
    ObjectNode error = Json.object();
    error.put("type", thrown.getClass().getSimpleName());
    error.put("message", String.valueOf(thrown.getMessage()));
    if (thrown instanceof AwsServiceException) {
      AwsServiceException exception = (AwsServiceException) thrown;
      error.put("code", exception.awsErrorDetails() == null ? null : exception.awsErrorDetails().errorCode());
      error.set("members", Shapes.write(exception));
    }
    List<RuntimeException> collected = collected(thrown);
    if (collected != null) {
      ArrayNode list = error.putArray("list");
      collected.forEach(each -> list.add(describe(each)));
    }
    if (thrown.getCause() != null && thrown.getCause() != thrown) {
      error.set("cause", describe(thrown.getCause()));
    }
    return error;
  }

  /** Every namespace of the library has a CollectionOfErrors of its own, without a common ancestor. */
  @SuppressWarnings("unchecked")
  private static List<RuntimeException> collected(Throwable thrown) {
    if (!thrown.getClass().getSimpleName().equals("CollectionOfErrors")) {
      return null;
    }
    try {
      return (List<RuntimeException>) thrown.getClass().getMethod("list").invoke(thrown);
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
