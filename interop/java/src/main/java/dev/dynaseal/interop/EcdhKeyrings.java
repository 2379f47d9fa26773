package dev.dynaseal.interop;

import static dev.dynaseal.interop.Keyrings.PROVIDERS;

import com.fasterxml.jackson.databind.JsonNode;
import software.amazon.cryptography.materialproviders.IKeyring;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsEcdhKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateRawEcdhKeyringInput;
import software.amazon.cryptography.materialproviders.model.EphemeralPrivateKeyToStaticPublicKeyInput;
import software.amazon.cryptography.materialproviders.model.KmsEcdhStaticConfigurations;
import software.amazon.cryptography.materialproviders.model.KmsPrivateKeyToStaticPublicKeyInput;
import software.amazon.cryptography.materialproviders.model.KmsPublicKeyDiscoveryInput;
import software.amazon.cryptography.materialproviders.model.PublicKeyDiscoveryInput;
import software.amazon.cryptography.materialproviders.model.RawEcdhStaticConfigurations;
import software.amazon.cryptography.materialproviders.model.RawPrivateKeyToStaticPublicKeyInput;
import software.amazon.cryptography.primitives.model.ECDHCurveSpec;

/**
 * Keyrings by key agreement: {@code {"curveSpec", "keyAgreementScheme": {"<scheme>": {…}}}} with the specification's
 * names of schemes and members. Private keys are PEM text, public keys base64 of DER.
 */
final class EcdhKeyrings {

  private EcdhKeyrings() {}

  static IKeyring raw(JsonNode keyring) {
    JsonNode schemes = Json.member(keyring, "keyAgreementScheme");
    var configuration = RawEcdhStaticConfigurations.builder();
    Json.ifPresent(
      schemes,
      "RawPrivateKeyToStaticPublicKey",
      scheme ->
        configuration.RawPrivateKeyToStaticPublicKey(
          RawPrivateKeyToStaticPublicKeyInput
            .builder()
            .senderStaticPrivateKey(Json.utf8(Json.member(scheme, "senderStaticPrivateKey")))
            .recipientPublicKey(Json.bytes(scheme, "recipientPublicKey"))
            .build()
        )
    );
    Json.ifPresent(
      schemes,
      "EphemeralPrivateKeyToStaticPublicKey",
      scheme ->
        configuration.EphemeralPrivateKeyToStaticPublicKey(
          EphemeralPrivateKeyToStaticPublicKeyInput
            .builder()
            .recipientPublicKey(Json.bytes(scheme, "recipientPublicKey"))
            .build()
        )
    );
    Json.ifPresent(
      schemes,
      "PublicKeyDiscovery",
      scheme ->
        configuration.PublicKeyDiscovery(
          PublicKeyDiscoveryInput
            .builder()
            .recipientStaticPrivateKey(Json.utf8(Json.member(scheme, "recipientStaticPrivateKey")))
            .build()
        )
    );
    return PROVIDERS.CreateRawEcdhKeyring(
      CreateRawEcdhKeyringInput.builder().curveSpec(curve(keyring)).KeyAgreementScheme(configuration.build()).build()
    );
  }

  static IKeyring kms(JsonNode keyring, Aws aws) {
    JsonNode schemes = Json.member(keyring, "keyAgreementScheme");
    var configuration = KmsEcdhStaticConfigurations.builder();
    Json.ifPresent(
      schemes,
      "KmsPrivateKeyToStaticPublicKey",
      scheme -> {
        var input = KmsPrivateKeyToStaticPublicKeyInput
          .builder()
          .senderKmsIdentifier(Json.text(scheme, "senderKmsIdentifier"))
          .recipientPublicKey(Json.bytes(scheme, "recipientPublicKey"));
        Json.ifPresent(scheme, "senderPublicKey", absent -> input.senderPublicKey(Json.bytes(scheme, "senderPublicKey")));
        configuration.KmsPrivateKeyToStaticPublicKey(input.build());
      }
    );
    Json.ifPresent(
      schemes,
      "KmsPublicKeyDiscovery",
      scheme ->
        configuration.KmsPublicKeyDiscovery(
          KmsPublicKeyDiscoveryInput.builder().recipientKmsIdentifier(Json.text(scheme, "recipientKmsIdentifier")).build()
        )
    );
    return PROVIDERS.CreateAwsKmsEcdhKeyring(
      CreateAwsKmsEcdhKeyringInput
        .builder()
        .curveSpec(curve(keyring))
        .KeyAgreementScheme(configuration.build())
        .kmsClient(KmsKeyrings.client(keyring, aws))
        .grantTokens(Json.texts(keyring.path("grantTokens")))
        .build()
    );
  }

  private static ECDHCurveSpec curve(JsonNode keyring) {
    return ECDHCurveSpec.valueOf(Json.text(keyring, "curveSpec"));
  }
}
