package dev.dynaseal.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import software.amazon.cryptography.keystore.KeyStore;
import software.amazon.cryptography.keystore.model.BeaconKeyMaterials;
import software.amazon.cryptography.keystore.model.BranchKeyMaterials;
import software.amazon.cryptography.keystore.model.CreateKeyInput;
import software.amazon.cryptography.keystore.model.CreateKeyStoreInput;
import software.amazon.cryptography.keystore.model.Discovery;
import software.amazon.cryptography.keystore.model.GetActiveBranchKeyInput;
import software.amazon.cryptography.keystore.model.GetBeaconKeyInput;
import software.amazon.cryptography.keystore.model.GetBranchKeyVersionInput;
import software.amazon.cryptography.keystore.model.GetKeyStoreInfoOutput;
import software.amazon.cryptography.keystore.model.KMSConfiguration;
import software.amazon.cryptography.keystore.model.KeyStoreConfig;
import software.amazon.cryptography.keystore.model.MRDiscovery;
import software.amazon.cryptography.keystore.model.VersionKeyInput;

/**
 * Key stores from the vectors' JSON, and their operations. {@code {"tableName", "logicalKeyStoreName"}} with either
 * {@code "static"} keys in the clear, or one of {@code "kmsKeyArn"}, {@code "kmsMRKeyArn"}, {@code "discovery": true},
 * {@code "mrDiscovery": "<region>"} for a store in DynamoDB under KMS.
 */
final class KeyStores {

  private KeyStores() {}

  static KeyStore of(JsonNode store, Aws aws) {
    return store.hasNonNull("static") ? StaticKeyStore.of(store) : stored(store, aws);
  }

  private static KeyStore stored(JsonNode store, Aws aws) {
    String arn = Json.text(store, "kmsKeyArn", Json.text(store, "kmsMRKeyArn", ""));
    String region = Json.text(store, "region", KmsKeyrings.regionOf(arn, aws.region()));
    var config = KeyStoreConfig
      .builder()
      .ddbTableName(Json.text(store, "tableName"))
      .logicalKeyStoreName(Json.text(store, "logicalKeyStoreName"))
      .kmsConfiguration(kms(store))
      .grantTokens(Json.texts(store.path("grantTokens")))
      .ddbClient(aws.dynamoDb(region))
      .kmsClient(aws.kms(region));
    Json.ifPresent(store, "id", id -> config.id(id.asText()));
    return KeyStore.builder().KeyStoreConfig(config.build()).build();
  }

  private static KMSConfiguration kms(JsonNode store) {
    var kms = KMSConfiguration.builder();
    Json.ifPresent(store, "kmsKeyArn", arn -> kms.kmsKeyArn(arn.asText()));
    Json.ifPresent(store, "kmsMRKeyArn", arn -> kms.kmsMRKeyArn(arn.asText()));
    Json.ifPresent(store, "discovery", any -> kms.discovery(Discovery.builder().build()));
    Json.ifPresent(store, "mrDiscovery", region -> kms.mrDiscovery(MRDiscovery.builder().region(region.asText()).build()));
    return kms.build();
  }

  /** {@code { keyStore, action, input, aws }}: an operation of the key store by its name. */
  static JsonNode run(JsonNode request) {
    KeyStore store = of(Json.member(request, "keyStore"), Aws.of(request));
    JsonNode input = request.path("input");
    String action = Json.text(request, "action");
    switch (action) {
      case "createKeyStore":
        return Json.object().put("tableArn", store.CreateKeyStore(CreateKeyStoreInput.builder().build()).tableArn());
      case "createKey": {
        var key = CreateKeyInput.builder();
        Json.ifPresent(input, "branchKeyId", id -> key.branchKeyIdentifier(id.asText()));
        Json.ifPresent(input, "encryptionContext", context -> key.encryptionContext(Json.map(context, JsonNode::asText)));
        return Json.object().put("branchKeyId", store.CreateKey(key.build()).branchKeyIdentifier());
      }
      case "versionKey":
        store.VersionKey(VersionKeyInput.builder().branchKeyIdentifier(Json.text(input, "branchKeyId")).build());
        return Json.object();
      case "getActiveBranchKey":
        return branchKey(
          store
            .GetActiveBranchKey(
              GetActiveBranchKeyInput.builder().branchKeyIdentifier(Json.text(input, "branchKeyId")).build()
            )
            .branchKeyMaterials()
        );
      case "getBranchKeyVersion":
        return branchKey(
          store
            .GetBranchKeyVersion(
              GetBranchKeyVersionInput
                .builder()
                .branchKeyIdentifier(Json.text(input, "branchKeyId"))
                .branchKeyVersion(Json.text(input, "branchKeyVersion"))
                .build()
            )
            .branchKeyMaterials()
        );
      case "getBeaconKey":
        return beaconKey(
          store
            .GetBeaconKey(GetBeaconKeyInput.builder().branchKeyIdentifier(Json.text(input, "branchKeyId")).build())
            .beaconKeyMaterials()
        );
      case "getKeyStoreInfo":
        return info(store.GetKeyStoreInfo());
      default:
        throw new IllegalArgumentException("a key store has no operation \"" + action + "\"");
    }
  }

  private static ObjectNode branchKey(BranchKeyMaterials materials) {
    ObjectNode json = Json
      .object()
      .put("branchKeyId", materials.branchKeyIdentifier())
      .put("branchKeyVersion", materials.branchKeyVersion());
    json.set("encryptionContext", Json.of(materials.encryptionContext()));
    json.set("branchKey", Json.base64(materials.branchKey()));
    return json;
  }

  private static ObjectNode beaconKey(BeaconKeyMaterials materials) {
    ObjectNode json = Json.object().put("branchKeyId", materials.beaconKeyIdentifier());
    json.set("encryptionContext", Json.of(materials.encryptionContext()));
    json.set("beaconKey", Json.base64(materials.beaconKey()));
    return json;
  }

  private static ObjectNode info(GetKeyStoreInfoOutput info) {
    ObjectNode json = Json
      .object()
      .put("keyStoreId", info.keyStoreId())
      .put("tableName", info.keyStoreName())
      .put("logicalKeyStoreName", info.logicalKeyStoreName());
    json.set("grantTokens", Json.of(info.grantTokens()));
    return json;
  }
}
