package dev.dynaseal.interop;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.DynamoDbEncryption;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.CreateDynamoDbEncryptionBranchKeyIdSupplierInput;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.DynamoDbEncryptionConfig;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.GetBranchKeyIdFromDdbKeyOutput;
import software.amazon.cryptography.materialproviders.IBranchKeyIdSupplier;
import software.amazon.cryptography.materialproviders.IKeyring;
import software.amazon.cryptography.materialproviders.MaterialProviders;
import software.amazon.cryptography.materialproviders.model.AesWrappingAlg;
import software.amazon.cryptography.materialproviders.model.CacheType;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsHierarchicalKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateMultiKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateRawAesKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateRawRsaKeyringInput;
import software.amazon.cryptography.materialproviders.model.DefaultCache;
import software.amazon.cryptography.materialproviders.model.MaterialProvidersConfig;
import software.amazon.cryptography.materialproviders.model.PaddingScheme;

/** Keyrings from the vectors' JSON: raw, multi and hierarchical here, the others by their families. */
final class Keyrings {

  static final MaterialProviders PROVIDERS =
    MaterialProviders.builder().MaterialProvidersConfig(MaterialProvidersConfig.builder().build()).build();

  private Keyrings() {}

  static IKeyring of(JsonNode keyring, Aws aws) {
    String type = Json.text(keyring, "type");
    switch (type) {
      case "raw-aes":
        return rawAes(keyring);
      case "raw-rsa":
        return rawRsa(keyring);
      case "raw-ecdh":
        return EcdhKeyrings.raw(keyring);
      case "multi":
        return multi(keyring, aws);
      case "hierarchical":
        return hierarchical(keyring, aws);
      case "kms-ecdh":
        return EcdhKeyrings.kms(keyring, aws);
      default:
        return KmsKeyrings.of(type, keyring, aws);
    }
  }

  private static IKeyring rawAes(JsonNode keyring) {
    ByteBuffer wrappingKey = Json.bytes(keyring, "wrappingKey");
    String byLength = "ALG_AES" + wrappingKey.remaining() * 8 + "_GCM_IV12_TAG16";
    return PROVIDERS.CreateRawAesKeyring(
      CreateRawAesKeyringInput
        .builder()
        .keyNamespace(Json.text(keyring, "keyNamespace"))
        .keyName(Json.text(keyring, "keyName"))
        .wrappingKey(wrappingKey)
        .wrappingAlg(AesWrappingAlg.valueOf(Json.text(keyring, "wrappingAlg", byLength)))
        .build()
    );
  }

  private static IKeyring rawRsa(JsonNode keyring) {
    var input = CreateRawRsaKeyringInput
      .builder()
      .keyNamespace(Json.text(keyring, "keyNamespace"))
      .keyName(Json.text(keyring, "keyName"))
      .paddingScheme(PaddingScheme.valueOf(Json.text(keyring, "paddingScheme")));
    Json.ifPresent(keyring, "publicKey", pem -> input.publicKey(Json.utf8(pem)));
    Json.ifPresent(keyring, "privateKey", pem -> input.privateKey(Json.utf8(pem)));
    return PROVIDERS.CreateRawRsaKeyring(input.build());
  }

  private static IKeyring multi(JsonNode keyring, Aws aws) {
    var input = CreateMultiKeyringInput
      .builder()
      .childKeyrings(Json.list(keyring.path("childKeyrings"), child -> of(child, aws)));
    Json.ifPresent(keyring, "generator", generator -> input.generator(of(generator, aws)));
    return PROVIDERS.CreateMultiKeyring(input.build());
  }

  private static IKeyring hierarchical(JsonNode keyring, Aws aws) {
    var input = CreateAwsKmsHierarchicalKeyringInput
      .builder()
      .keyStore(KeyStores.of(Json.member(keyring, "keyStore"), aws))
      .ttlSeconds(Json.member(keyring, "ttlSeconds").asLong());
    Json.ifPresent(keyring, "branchKeyId", id -> input.branchKeyId(id.asText()));
    Json.ifPresent(keyring, "branchKeyIdSupplier", supplier -> input.branchKeyIdSupplier(branchKeyIdSupplier(supplier)));
    Json.ifPresent(keyring, "partitionId", id -> input.partitionId(id.asText()));
    Json.ifPresent(
      keyring,
      "cacheEntries",
      entries -> input.cache(CacheType.builder().Default(DefaultCache.builder().entryCapacity(entries.asInt()).build()).build())
    );
    return PROVIDERS.CreateAwsKmsHierarchicalKeyring(input.build());
  }

  /** {@code {"attribute", "map"}}: the branch key that the map gives for the text of that attribute. */
  private static IBranchKeyIdSupplier branchKeyIdSupplier(JsonNode supplier) {
    String attribute = Json.text(supplier, "attribute");
    Map<String, String> branchKeyIds = Json.map(Json.member(supplier, "map"), JsonNode::asText);
    return DynamoDbEncryption
      .builder()
      .DynamoDbEncryptionConfig(DynamoDbEncryptionConfig.builder().build())
      .build()
      .CreateDynamoDbEncryptionBranchKeyIdSupplier(
        CreateDynamoDbEncryptionBranchKeyIdSupplierInput
          .builder()
          .ddbKeyBranchKeyIdSupplier(input -> {
            AttributeValue value = input.ddbKey().get(attribute);
            String id = value == null ? null : branchKeyIds.get(value.s());
            if (id == null) {
              throw new IllegalArgumentException("no branch key for this item");
            }
            return GetBranchKeyIdFromDdbKeyOutput.builder().branchKeyId(id).build();
          })
          .build()
      )
      .branchKeyIdSupplier();
  }
}
