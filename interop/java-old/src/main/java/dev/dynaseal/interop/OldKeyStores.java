package dev.dynaseal.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import software.amazon.cryptography.keystore.KeyStore;
import software.amazon.cryptography.keystore.model.BranchKeyMaterials;
import software.amazon.cryptography.keystore.model.CreateKeyInput;
import software.amazon.cryptography.keystore.model.CreateKeyStoreInput;
import software.amazon.cryptography.keystore.model.GetActiveBranchKeyInput;
import software.amazon.cryptography.keystore.model.GetBeaconKeyInput;
import software.amazon.cryptography.keystore.model.GetBranchKeyVersionInput;
import software.amazon.cryptography.keystore.model.KMSConfiguration;
import software.amazon.cryptography.keystore.model.KeyStoreConfig;
import software.amazon.cryptography.keystore.model.VersionKeyInput;
import software.amazon.cryptography.materialproviders.ICryptographicMaterialsManager;
import software.amazon.cryptography.materialproviders.IKeyring;
import software.amazon.cryptography.materialproviders.MaterialProviders;
import software.amazon.cryptography.materialproviders.model.AlgorithmSuiteId;
import software.amazon.cryptography.materialproviders.model.CommitmentPolicy;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsHierarchicalKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateDefaultCryptographicMaterialsManagerInput;
import software.amazon.cryptography.materialproviders.model.DBEAlgorithmSuiteId;
import software.amazon.cryptography.materialproviders.model.DBECommitmentPolicy;
import software.amazon.cryptography.materialproviders.model.DecryptMaterialsInput;
import software.amazon.cryptography.materialproviders.model.EncryptedDataKey;
import software.amazon.cryptography.materialproviders.model.GetEncryptionMaterialsInput;
import software.amazon.cryptography.materialproviders.model.MaterialProvidersConfig;

/** Key stores under one KMS key, {@code {"tableName", "logicalKeyStoreName", "kmsKeyArn"}}, and what they serve. */
final class OldKeyStores {

  private static final MaterialProviders PROVIDERS =
    MaterialProviders.builder().MaterialProvidersConfig(MaterialProvidersConfig.builder().build()).build();
  /** The suite without a signature, so that the materials carry no signing key. */
  private static final AlgorithmSuiteId SUITE = AlgorithmSuiteId
    .builder()
    .DBE(DBEAlgorithmSuiteId.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_SYMSIG_HMAC_SHA384)
    .build();
  private static final CommitmentPolicy POLICY =
    CommitmentPolicy.builder().DBE(DBECommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT).build();

  private OldKeyStores() {}

  private static KeyStore of(JsonNode request) {
    JsonNode store = Json.member(request, "keyStore");
    Aws aws = Aws.of(request);
    return KeyStore
      .builder()
      .KeyStoreConfig(
        KeyStoreConfig
          .builder()
          .ddbTableName(Json.text(store, "tableName"))
          .logicalKeyStoreName(Json.text(store, "logicalKeyStoreName"))
          .kmsConfiguration(KMSConfiguration.builder().kmsKeyArn(Json.text(store, "kmsKeyArn")).build())
          .ddbClient(aws.dynamoDb(aws.region()))
          .kmsClient(aws.kms(aws.region()))
          .build()
      )
      .build();
  }

  /** {@code { keyStore, action, input, aws }}: an operation of the key store by its name. */
  static JsonNode run(JsonNode request) {
    KeyStore store = of(request);
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
        return shown(
          store
            .GetActiveBranchKey(
              GetActiveBranchKeyInput.builder().branchKeyIdentifier(Json.text(input, "branchKeyId")).build()
            )
            .branchKeyMaterials()
        );
      case "getBranchKeyVersion":
        return shown(
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
      case "getBeaconKey": {
        var beacon = store
          .GetBeaconKey(GetBeaconKeyInput.builder().branchKeyIdentifier(Json.text(input, "branchKeyId")).build())
          .beaconKeyMaterials();
        ObjectNode json = Json.object().put("branchKeyId", beacon.beaconKeyIdentifier());
        json.set("encryptionContext", Json.of(beacon.encryptionContext()));
        json.set("beaconKey", Json.base64(beacon.beaconKey()));
        return json;
      }
      default:
        throw new IllegalArgumentException("a key store has no operation \"" + action + "\"");
    }
  }

  private static ObjectNode shown(BranchKeyMaterials materials) {
    ObjectNode json = Json
      .object()
      .put("branchKeyId", materials.branchKeyIdentifier())
      .put("branchKeyVersion", materials.branchKeyVersion());
    json.set("encryptionContext", Json.of(materials.encryptionContext()));
    json.set("branchKey", Json.base64(materials.branchKey()));
    return json;
  }

  private static ICryptographicMaterialsManager materials(JsonNode request) {
    IKeyring keyring = PROVIDERS.CreateAwsKmsHierarchicalKeyring(
      CreateAwsKmsHierarchicalKeyringInput
        .builder()
        .keyStore(of(request))
        .branchKeyId(Json.text(request, "branchKeyId"))
        .ttlSeconds(60)
        .build()
    );
    return PROVIDERS.CreateDefaultCryptographicMaterialsManager(
      CreateDefaultCryptographicMaterialsManagerInput.builder().keyring(keyring).build()
    );
  }

  private static Map<String, String> context(JsonNode request) {
    return Json.map(Json.member(request, "encryptionContext"), JsonNode::asText);
  }

  /** {@code { keyStore, branchKeyId, encryptionContext, aws }}: a new data key and its encrypted data key. */
  static JsonNode wrap(JsonNode request) {
    var complete = materials(request)
      .GetEncryptionMaterials(
        GetEncryptionMaterialsInput
          .builder()
          .algorithmSuiteId(SUITE)
          .commitmentPolicy(POLICY)
          .encryptionContext(context(request))
          .build()
      )
      .encryptionMaterials();
    EncryptedDataKey wrapped = complete.encryptedDataKeys().get(0);
    ObjectNode json = Json.object().put("keyProviderId", wrapped.keyProviderId());
    json.set("keyProviderInfo", Json.base64(wrapped.keyProviderInfo()));
    json.set("ciphertext", Json.base64(wrapped.ciphertext()));
    json.set("dataKey", Json.base64(complete.plaintextDataKey()));
    json.set("symmetricSigningKey", Json.base64(complete.symmetricSigningKeys().get(0)));
    return json;
  }

  /** {@code { keyStore, branchKeyId, encryptionContext, encryptedDataKey, aws }}: the inverse. */
  static JsonNode unwrap(JsonNode request) {
    JsonNode wrapped = Json.member(request, "encryptedDataKey");
    EncryptedDataKey key = EncryptedDataKey
      .builder()
      .keyProviderId(Json.text(wrapped, "keyProviderId"))
      .keyProviderInfo(Json.bytes(wrapped, "keyProviderInfo"))
      .ciphertext(Json.bytes(wrapped, "ciphertext"))
      .build();
    var complete = materials(request)
      .DecryptMaterials(
        DecryptMaterialsInput
          .builder()
          .algorithmSuiteId(SUITE)
          .commitmentPolicy(POLICY)
          .encryptionContext(context(request))
          .encryptedDataKeys(List.of(key))
          .build()
      )
      .decryptionMaterials();
    ObjectNode json = Json.object();
    json.set("dataKey", Json.base64(complete.plaintextDataKey()));
    json.set("symmetricSigningKey", Json.base64(complete.symmetricSigningKey()));
    return json;
  }
}
