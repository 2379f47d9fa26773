package dev.dynaseal.interop;

import com.fasterxml.jackson.databind.JsonNode;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.AsSet;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.BeaconKeySource;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.BeaconStyle;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.BeaconVersion;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.CompoundBeacon;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.Constructor;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.ConstructorPart;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.EncryptedPart;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.MultiKeyStore;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.PartOnly;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.SearchConfig;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.Shared;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.SharedSet;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.SignedPart;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.SingleKeyStore;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.StandardBeacon;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.VirtualField;

/** The search configuration of a table, in the vectors' JSON. */
final class Search {

  private Search() {}

  static SearchConfig of(JsonNode search, Aws aws) {
    return SearchConfig
      .builder()
      .writeVersion(Json.member(search, "writeVersion").asInt())
      .versions(Json.list(Json.member(search, "versions"), version -> version(version, aws)))
      .build();
  }

  private static BeaconVersion version(JsonNode version, Aws aws) {
    var builder = BeaconVersion
      .builder()
      .version(Json.member(version, "version").asInt())
      .keyStore(KeyStores.of(Json.member(version, "keyStore"), aws))
      .keySource(keySource(Json.member(version, "keySource")));
    Json.ifPresent(version, "standardBeacons", list -> builder.standardBeacons(Json.list(list, Search::standardBeacon)));
    Json.ifPresent(version, "compoundBeacons", list -> builder.compoundBeacons(Json.list(list, Search::compoundBeacon)));
    Json.ifPresent(version, "virtualFields", list -> builder.virtualFields(Json.list(list, Search::virtualField)));
    Json.ifPresent(version, "encryptedParts", list -> builder.encryptedParts(Json.list(list, Search::encryptedPart)));
    Json.ifPresent(version, "signedParts", list -> builder.signedParts(Json.list(list, Search::signedPart)));
    return builder.build();
  }

  private static BeaconKeySource keySource(JsonNode source) {
    var builder = BeaconKeySource.builder();
    Json.ifPresent(
      source,
      "single",
      single ->
        builder.single(
          SingleKeyStore.builder().keyId(Json.text(single, "keyId")).cacheTTL(Json.member(single, "cacheTTL").asInt()).build()
        )
    );
    Json.ifPresent(
      source,
      "multi",
      multi ->
        builder.multi(
          MultiKeyStore
            .builder()
            .keyFieldName(Json.text(multi, "keyFieldName"))
            .cacheTTL(Json.member(multi, "cacheTTL").asInt())
            .build()
        )
    );
    return builder.build();
  }

  private static StandardBeacon standardBeacon(JsonNode beacon) {
    var builder = StandardBeacon.builder().name(Json.text(beacon, "name")).length(Json.member(beacon, "length").asInt());
    Json.ifPresent(beacon, "loc", loc -> builder.loc(loc.asText()));
    Json.ifPresent(beacon, "style", style -> builder.style(style(style)));
    return builder.build();
  }

  private static BeaconStyle style(JsonNode style) {
    var builder = BeaconStyle.builder();
    Json.ifPresent(style, "partOnly", any -> builder.partOnly(PartOnly.builder().build()));
    Json.ifPresent(style, "asSet", any -> builder.asSet(AsSet.builder().build()));
    Json.ifPresent(style, "shared", to -> builder.shared(Shared.builder().other(Json.text(to, "other")).build()));
    Json.ifPresent(style, "sharedSet", to -> builder.sharedSet(SharedSet.builder().other(Json.text(to, "other")).build()));
    return builder.build();
  }

  private static CompoundBeacon compoundBeacon(JsonNode beacon) {
    var builder = CompoundBeacon.builder().name(Json.text(beacon, "name")).split(Json.text(beacon, "split"));
    Json.ifPresent(beacon, "encrypted", parts -> builder.encrypted(Json.list(parts, Search::encryptedPart)));
    Json.ifPresent(beacon, "signed", parts -> builder.signed(Json.list(parts, Search::signedPart)));
    Json.ifPresent(beacon, "constructors", list -> builder.constructors(Json.list(list, Search::constructor)));
    return builder.build();
  }

  private static EncryptedPart encryptedPart(JsonNode part) {
    return EncryptedPart.builder().name(Json.text(part, "name")).prefix(Json.text(part, "prefix")).build();
  }

  private static SignedPart signedPart(JsonNode part) {
    var builder = SignedPart.builder().name(Json.text(part, "name")).prefix(Json.text(part, "prefix"));
    Json.ifPresent(part, "loc", loc -> builder.loc(loc.asText()));
    return builder.build();
  }

  private static Constructor constructor(JsonNode constructor) {
    return Constructor
      .builder()
      .parts(
        Json.list(
          Json.member(constructor, "parts"),
          part -> ConstructorPart.builder().name(Json.text(part, "name")).required(part.path("required").asBoolean(true)).build()
        )
      )
      .build();
  }

  private static VirtualField virtualField(JsonNode field) {
    return VirtualField
      .builder()
      .name(Json.text(field, "name"))
      .parts(Json.list(Json.member(field, "parts"), Transforms::part))
      .build();
  }
}
