package dev.dynaseal.interop;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.builder.SdkSyncClientBuilder;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.kms.KmsClient;

/**
 * Clients for the servers of a test. {@code {"region", "kms", "dynamoDb", "accessKeyId", "secretAccessKey"}}, where
 * the two endpoints are either one URL or an object of URLs by Region. An endpoint that is not given leads to a port
 * where nobody listens, never to AWS.
 */
final class Aws {

  private static final String NOBODY = "http://127.0.0.1:1";
  private static final Map<String, KmsClient> KMS = new ConcurrentHashMap<>();
  private static final Map<String, DynamoDbClient> DYNAMODB = new ConcurrentHashMap<>();

  private final JsonNode settings;

  private Aws(JsonNode settings) {
    this.settings = settings;
  }

  /** The settings of a request or configuration. */
  static Aws of(JsonNode holder) {
    return new Aws(holder.hasNonNull("aws") ? holder.get("aws") : Json.object());
  }

  String region() {
    return Json.text(settings, "region", "us-east-1");
  }

  KmsClient kms(String region) {
    return KMS.computeIfAbsent(region + settings, absent -> with(KmsClient.builder(), "kms", region).build());
  }

  DynamoDbClient dynamoDb(String region) {
    return DYNAMODB.computeIfAbsent(region + settings, absent -> with(DynamoDbClient.builder(), "dynamoDb", region).build());
  }

  /** A client whose requests and responses pass through the interceptors; the caller closes it. */
  DynamoDbClient dynamoDb(ExecutionInterceptor... interceptors) {
    return with(DynamoDbClient.builder(), "dynamoDb", region(), interceptors).build();
  }

  /** Without retries: a test wants the first answer. */
  private <B extends AwsClientBuilder<B, C> & SdkSyncClientBuilder<B, C>, C> B with(
    B builder,
    String service,
    String region,
    ExecutionInterceptor... interceptors
  ) {
    AwsBasicCredentials credentials = AwsBasicCredentials.create(
      Json.text(settings, "accessKeyId", "interop"),
      Json.text(settings, "secretAccessKey", "interop")
    );
    return builder
      .region(Region.of(region))
      .endpointOverride(URI.create(endpoint(service, region)))
      .credentialsProvider(StaticCredentialsProvider.create(credentials))
      .overrideConfiguration(override -> {
        override.retryStrategy(AwsRetryStrategy.doNotRetry());
        List.of(interceptors).forEach(override::addExecutionInterceptor);
      });
  }

  private String endpoint(String service, String region) {
    JsonNode endpoint = settings.path(service);
    return endpoint.isObject() ? Json.text(endpoint, region, NOBODY) : endpoint.asText(NOBODY);
  }
}
