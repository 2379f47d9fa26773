package dev.dynaseal.interop;

import static dev.dynaseal.interop.Keyrings.PROVIDERS;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.EncryptionAlgorithmSpec;
import software.amazon.cryptography.materialproviders.IClientSupplier;
import software.amazon.cryptography.materialproviders.IKeyring;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsDiscoveryKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsMrkDiscoveryKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsMrkKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsMrkMultiKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsMultiKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsRsaKeyringInput;
import software.amazon.cryptography.materialproviders.model.DiscoveryFilter;

/** Keyrings under AWS KMS. The client's Region is the keyring's, else the key ARN's, else that of the settings. */
final class KmsKeyrings {

  private KmsKeyrings() {}

  static IKeyring of(String type, JsonNode keyring, Aws aws) {
    IClientSupplier supplier = input -> aws.kms(input.region());
    List<String> grantTokens = Json.texts(keyring.path("grantTokens"));
    switch (type) {
      case "kms":
        return PROVIDERS.CreateAwsKmsKeyring(
          CreateAwsKmsKeyringInput
            .builder()
            .kmsKeyId(Json.text(keyring, "kmsKeyId"))
            .kmsClient(client(keyring, aws))
            .grantTokens(grantTokens)
            .build()
        );
      case "kms-mrk":
        return PROVIDERS.CreateAwsKmsMrkKeyring(
          CreateAwsKmsMrkKeyringInput
            .builder()
            .kmsKeyId(Json.text(keyring, "kmsKeyId"))
            .kmsClient(client(keyring, aws))
            .grantTokens(grantTokens)
            .build()
        );
      case "kms-multi": {
        var input = CreateAwsKmsMultiKeyringInput.builder().clientSupplier(supplier).grantTokens(grantTokens);
        Json.ifPresent(keyring, "generator", id -> input.generator(id.asText()));
        Json.ifPresent(keyring, "kmsKeyIds", ids -> input.kmsKeyIds(Json.texts(ids)));
        return PROVIDERS.CreateAwsKmsMultiKeyring(input.build());
      }
      case "kms-mrk-multi": {
        var input = CreateAwsKmsMrkMultiKeyringInput.builder().clientSupplier(supplier).grantTokens(grantTokens);
        Json.ifPresent(keyring, "generator", id -> input.generator(id.asText()));
        Json.ifPresent(keyring, "kmsKeyIds", ids -> input.kmsKeyIds(Json.texts(ids)));
        return PROVIDERS.CreateAwsKmsMrkMultiKeyring(input.build());
      }
      case "kms-discovery": {
        var input = CreateAwsKmsDiscoveryKeyringInput.builder().kmsClient(client(keyring, aws)).grantTokens(grantTokens);
        Json.ifPresent(keyring, "discoveryFilter", filter -> input.discoveryFilter(filter(filter)));
        return PROVIDERS.CreateAwsKmsDiscoveryKeyring(input.build());
      }
      case "kms-mrk-discovery": {
        String region = Json.text(keyring, "region", aws.region());
        var input = CreateAwsKmsMrkDiscoveryKeyringInput
          .builder()
          .region(region)
          .kmsClient(aws.kms(region))
          .grantTokens(grantTokens);
        Json.ifPresent(keyring, "discoveryFilter", filter -> input.discoveryFilter(filter(filter)));
        return PROVIDERS.CreateAwsKmsMrkDiscoveryKeyring(input.build());
      }
      case "kms-rsa": {
        var input = CreateAwsKmsRsaKeyringInput
          .builder()
          .kmsKeyId(Json.text(keyring, "kmsKeyId"))
          .encryptionAlgorithm(EncryptionAlgorithmSpec.fromValue(Json.text(keyring, "encryptionAlgorithm")))
          .grantTokens(grantTokens);
        Json.ifPresent(keyring, "publicKey", pem -> input.publicKey(Json.utf8(pem)));
        // Without a client the keyring encrypts only.
        if (!keyring.path("encryptOnly").asBoolean()) {
          input.kmsClient(client(keyring, aws));
        }
        return PROVIDERS.CreateAwsKmsRsaKeyring(input.build());
      }
      default:
        throw new IllegalArgumentException("there is no keyring type \"" + type + "\"");
    }
  }

  static KmsClient client(JsonNode keyring, Aws aws) {
    return aws.kms(Json.text(keyring, "region", regionOf(Json.text(keyring, "kmsKeyId", ""), aws.region())));
  }

  static String regionOf(String keyId, String otherwise) {
    String[] parts = keyId.split(":");
    return parts.length >= 6 && !parts[3].isEmpty() ? parts[3] : otherwise;
  }

  private static DiscoveryFilter filter(JsonNode filter) {
    return DiscoveryFilter
      .builder()
      .partition(Json.text(filter, "partition"))
      .accountIds(Json.texts(Json.member(filter, "accountIds")))
      .build();
  }
}
