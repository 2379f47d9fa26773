package dev.dynaseal.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.util.LinkedHashMap;
import java.util.Map;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbRequest;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.DynamoDbEncryptionInterceptor;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.DynamoDbTableEncryptionConfig;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.DynamoDbTablesEncryptionConfig;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.transforms.DynamoDbEncryptionTransforms;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.transforms.model.ResolveAttributesInput;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.transforms.model.ResolveAttributesOutput;

/**
 * A DynamoDB client with the library's interceptor. {@code configs} is a list of table configurations, whose
 * {@code tableName} is the physical name (by default the logical one).
 */
final class TableClient {

  private final Recent<DynamoDbTablesEncryptionConfig> configs = new Recent<>(TableClient::tables);

  /** {@code { configs }}: whether the library accepts them. */
  JsonNode check(JsonNode request) {
    interceptor(request);
    return Json.object();
  }

  /** {@code { configs, action, params, aws }} to the response; {@code action} as in {@code "putItem"}. */
  JsonNode send(JsonNode request) throws Exception {
    try (DynamoDbClient client = Aws.of(request).dynamoDb(interceptor(request))) {
      return call(client, request);
    }
  }

  /** Like {@code client}, but gives the request that the interceptor makes of {@code params}; nothing is sent. */
  JsonNode rewrite(JsonNode request) throws Exception {
    Capture capture = new Capture();
    try (DynamoDbClient client = Aws.of(request).dynamoDb(interceptor(request), capture)) {
      call(client, request);
      throw new IllegalStateException("the request was sent");
    } catch (RuntimeException thrown) {
      if (capture.rewritten == null) {
        throw thrown;
      }
      return capture.rewritten;
    }
  }

  /** {@code { configs, tableName, item, version }}: the virtual fields and compound beacons in plain text. */
  JsonNode resolve(JsonNode request) {
    ResolveAttributesOutput output = DynamoDbEncryptionTransforms
      .builder()
      .DynamoDbTablesEncryptionConfig(configs.get(Json.member(request, "configs")))
      .build()
      .ResolveAttributes(
        ResolveAttributesInput
          .builder()
          .TableName(Json.text(request, "tableName"))
          .Item(Shapes.item(Json.member(request, "item")))
          .Version(request.path("version").asInt(1))
          .build()
      );
    ObjectNode json = Json.object();
    json.set("virtualFields", Json.of(output.VirtualFields()));
    json.set("compoundBeacons", Json.of(output.CompoundBeacons()));
    return json;
  }

  private DynamoDbEncryptionInterceptor interceptor(JsonNode request) {
    return DynamoDbEncryptionInterceptor.builder().config(configs.get(Json.member(request, "configs"))).build();
  }

  private static DynamoDbTablesEncryptionConfig tables(JsonNode configs) {
    Map<String, DynamoDbTableEncryptionConfig> tables = new LinkedHashMap<>();
    configs.forEach(config ->
      tables.put(Json.text(config, "tableName", Json.text(config, "logicalTableName")), Configs.table(config))
    );
    return DynamoDbTablesEncryptionConfig.builder().tableEncryptionConfigs(tables).build();
  }

  private static JsonNode call(DynamoDbClient client, JsonNode request) throws Exception {
    String action = Json.text(request, "action");
    String shape = Character.toUpperCase(action.charAt(0)) + action.substring(1) + "Request";
    Class<?> type = Class.forName(DynamoDbRequest.class.getPackageName() + "." + shape);
    SdkPojo builder = (SdkPojo) type.getMethod("builder").invoke(null);
    Object params = Shapes.read(Json.member(request, "params"), builder);
    try {
      return Shapes.write((SdkPojo) DynamoDbClient.class.getMethod(action, type).invoke(client, params));
    } catch (InvocationTargetException thrown) {
      if (thrown.getCause() instanceof RuntimeException) {
        throw (RuntimeException) thrown.getCause();
      }
      throw thrown;
    }
  }

  /** Notes the request as it would be sent and stops there. */
  private static final class Capture implements ExecutionInterceptor {

    private ObjectNode rewritten;

    @Override
    public void beforeMarshalling(Context.BeforeMarshalling context, ExecutionAttributes attributes) {
      rewritten = Shapes.write((SdkPojo) context.request());
      throw new IllegalStateException("not sent");
    }
  }
}
