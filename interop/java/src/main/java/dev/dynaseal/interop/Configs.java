package dev.dynaseal.interop;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.itemencryptor.model.DynamoDbItemEncryptorConfig;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.DynamoDbTableEncryptionConfig;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.PlaintextOverride;
import software.amazon.cryptography.dbencryptionsdk.structuredencryption.model.CryptoAction;
import software.amazon.cryptography.materialproviders.model.DBEAlgorithmSuiteId;

/** The configuration of a table, as the vectors spell it, for the item encryptor and for the client. */
final class Configs {

  private static final Map<String, DBEAlgorithmSuiteId> SUITES = Map.of(
    "0x6700",
    DBEAlgorithmSuiteId.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_SYMSIG_HMAC_SHA384,
    "0x6701",
    DBEAlgorithmSuiteId.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384_SYMSIG_HMAC_SHA384
  );

  private Configs() {}

  static DynamoDbItemEncryptorConfig item(JsonNode config) {
    var builder = DynamoDbItemEncryptorConfig
      .builder()
      .logicalTableName(Json.text(config, "logicalTableName"))
      .partitionKeyName(Json.text(config, "partitionKeyName"))
      .attributeActionsOnEncrypt(actions(config));
    Json.ifPresent(config, "sortKeyName", name -> builder.sortKeyName(name.asText()));
    Json.ifPresent(config, "algorithmSuiteId", id -> builder.algorithmSuiteId(suite(id)));
    Json.ifPresent(config, "allowedUnsignedAttributes", names -> builder.allowedUnsignedAttributes(Json.texts(names)));
    Json.ifPresent(config, "allowedUnsignedAttributePrefix", prefix -> builder.allowedUnsignedAttributePrefix(prefix.asText()));
    Json.ifPresent(config, "plaintextOverride", policy -> builder.plaintextOverride(PlaintextOverride.valueOf(policy.asText())));
    Json.ifPresent(config, "keyring", keyring -> builder.keyring(Keyrings.of(keyring, Aws.of(config))));
    return builder.build();
  }

  static DynamoDbTableEncryptionConfig table(JsonNode config) {
    var builder = DynamoDbTableEncryptionConfig
      .builder()
      .logicalTableName(Json.text(config, "logicalTableName"))
      .partitionKeyName(Json.text(config, "partitionKeyName"))
      .attributeActionsOnEncrypt(actions(config));
    Json.ifPresent(config, "sortKeyName", name -> builder.sortKeyName(name.asText()));
    Json.ifPresent(config, "algorithmSuiteId", id -> builder.algorithmSuiteId(suite(id)));
    Json.ifPresent(config, "allowedUnsignedAttributes", names -> builder.allowedUnsignedAttributes(Json.texts(names)));
    Json.ifPresent(config, "allowedUnsignedAttributePrefix", prefix -> builder.allowedUnsignedAttributePrefix(prefix.asText()));
    Json.ifPresent(config, "plaintextOverride", policy -> builder.plaintextOverride(PlaintextOverride.valueOf(policy.asText())));
    Json.ifPresent(config, "keyring", keyring -> builder.keyring(Keyrings.of(keyring, Aws.of(config))));
    Json.ifPresent(config, "search", search -> builder.search(Search.of(search, Aws.of(config))));
    return builder.build();
  }

  static String suiteId(DBEAlgorithmSuiteId suite) {
    return SUITES.entrySet().stream().filter(entry -> entry.getValue() == suite).findFirst().orElseThrow().getKey();
  }

  /** By its number, or by the library's name for it. */
  private static DBEAlgorithmSuiteId suite(JsonNode id) {
    DBEAlgorithmSuiteId suite = SUITES.get(id.asText());
    return suite == null ? DBEAlgorithmSuiteId.valueOf(id.asText()) : suite;
  }

  private static Map<String, CryptoAction> actions(JsonNode config) {
    return Json.map(Json.member(config, "attributeActionsOnEncrypt"), action -> CryptoAction.valueOf(action.asText()));
  }
}
