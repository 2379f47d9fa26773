package dev.dynaseal.interop;

import Wrappers_Compile.Option;
import Wrappers_Compile.Result;
import com.fasterxml.jackson.databind.JsonNode;
import dafny.DafnyMap;
import dafny.DafnySequence;
import dafny.TypeDescriptor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import software.amazon.cryptography.keystore.KeyStore;
import software.amazon.cryptography.keystore.ToNative;
import software.amazon.cryptography.keystore.internaldafny.types.BeaconKeyMaterials;
import software.amazon.cryptography.keystore.internaldafny.types.BranchKeyMaterials;
import software.amazon.cryptography.keystore.internaldafny.types.CreateKeyInput;
import software.amazon.cryptography.keystore.internaldafny.types.CreateKeyOutput;
import software.amazon.cryptography.keystore.internaldafny.types.CreateKeyStoreInput;
import software.amazon.cryptography.keystore.internaldafny.types.CreateKeyStoreOutput;
import software.amazon.cryptography.keystore.internaldafny.types.Error;
import software.amazon.cryptography.keystore.internaldafny.types.GetActiveBranchKeyInput;
import software.amazon.cryptography.keystore.internaldafny.types.GetActiveBranchKeyOutput;
import software.amazon.cryptography.keystore.internaldafny.types.GetBeaconKeyInput;
import software.amazon.cryptography.keystore.internaldafny.types.GetBeaconKeyOutput;
import software.amazon.cryptography.keystore.internaldafny.types.GetBranchKeyVersionInput;
import software.amazon.cryptography.keystore.internaldafny.types.GetBranchKeyVersionOutput;
import software.amazon.cryptography.keystore.internaldafny.types.GetKeyStoreInfoOutput;
import software.amazon.cryptography.keystore.internaldafny.types.IKeyStoreClient;
import software.amazon.cryptography.keystore.internaldafny.types.KMSConfiguration;
import software.amazon.cryptography.keystore.internaldafny.types.VersionKeyInput;
import software.amazon.cryptography.keystore.internaldafny.types.VersionKeyOutput;
import software.amazon.smithy.dafny.conversion.ToDafny;

/** A key store whose keys are given in the clear. The library's storage is fixed, so this stands in for all of it. */
final class StaticKeyStore implements IKeyStoreClient {

  private final String tableName;
  private final String logicalKeyStoreName;
  private final Map<String, JsonNode> branches = new HashMap<>();

  private StaticKeyStore(JsonNode store) {
    tableName = Json.text(store, "tableName");
    logicalKeyStoreName = Json.text(store, "logicalKeyStoreName", tableName);
    JsonNode given = Json.member(store, "static");
    (given.isArray() ? given : Json.object().arrayNode().add(given)).forEach(branch ->
        branches.put(Json.text(branch, "branchKeyId"), branch)
      );
  }

  static KeyStore of(JsonNode store) {
    return ToNative.KeyStore(new StaticKeyStore(store));
  }

  @Override
  public Result<GetActiveBranchKeyOutput, Error> GetActiveBranchKey(GetActiveBranchKeyInput input) {
    return with(
      GetActiveBranchKeyOutput._typeDescriptor(),
      input.dtor_branchKeyIdentifier(),
      branch -> GetActiveBranchKeyOutput.create(branchKey(branch, Json.text(branch, "activeVersion")))
    );
  }

  @Override
  public Result<GetBranchKeyVersionOutput, Error> GetBranchKeyVersion(GetBranchKeyVersionInput input) {
    return with(
      GetBranchKeyVersionOutput._typeDescriptor(),
      input.dtor_branchKeyIdentifier(),
      branch -> GetBranchKeyVersionOutput.create(branchKey(branch, input.dtor_branchKeyVersion().verbatimString()))
    );
  }

  @Override
  public Result<GetBeaconKeyOutput, Error> GetBeaconKey(GetBeaconKeyInput input) {
    return with(
      GetBeaconKeyOutput._typeDescriptor(),
      input.dtor_branchKeyIdentifier(),
      branch ->
        GetBeaconKeyOutput.create(
          BeaconKeyMaterials.create(
            text(Json.text(branch, "branchKeyId")),
            encryptionContext(branch),
            Option.create_Some(bytesType(), bytes(branch, "beaconKey")),
            Option.create_None(DafnyMap._typeDescriptor(textType(), bytesType()))
          )
        )
    );
  }

  @Override
  public Result<GetKeyStoreInfoOutput, Error> GetKeyStoreInfo() {
    return Result.create_Success(
      GetKeyStoreInfoOutput._typeDescriptor(),
      Error._typeDescriptor(),
      GetKeyStoreInfoOutput.create(
        text(tableName),
        text(tableName),
        text(logicalKeyStoreName),
        DafnySequence.empty(textType()),
        KMSConfiguration.create_kmsKeyArn(text("arn:aws:kms:us-east-1:000000000000:key/static"))
      )
    );
  }

  @Override
  public Result<CreateKeyStoreOutput, Error> CreateKeyStore(CreateKeyStoreInput input) {
    return refused(CreateKeyStoreOutput._typeDescriptor(), "a static key store is there already");
  }

  @Override
  public Result<CreateKeyOutput, Error> CreateKey(CreateKeyInput input) {
    return refused(CreateKeyOutput._typeDescriptor(), "a static key store takes no new keys");
  }

  @Override
  public Result<VersionKeyOutput, Error> VersionKey(VersionKeyInput input) {
    return refused(VersionKeyOutput._typeDescriptor(), "a static key store takes no new versions");
  }

  private interface Read<T> {
    T from(JsonNode branch);
  }

  private <T> Result<T, Error> with(TypeDescriptor<T> type, DafnySequence<? extends Character> id, Read<T> read) {
    JsonNode branch = branches.get(id.verbatimString());
    if (branch == null) {
      return refused(type, "no branch key " + id.verbatimString());
    }
    try {
      return Result.create_Success(type, Error._typeDescriptor(), read.from(branch));
    } catch (IllegalArgumentException missing) {
      return refused(type, missing.getMessage());
    }
  }

  private static <T> Result<T, Error> refused(TypeDescriptor<T> type, String message) {
    return Result.create_Failure(type, Error._typeDescriptor(), Error.create_KeyStoreException(text(message)));
  }

  private static BranchKeyMaterials branchKey(JsonNode branch, String version) {
    return BranchKeyMaterials.create(
      text(Json.text(branch, "branchKeyId")),
      ToDafny.Simple.DafnyUtf8Bytes(version),
      encryptionContext(branch),
      bytes(Json.member(branch, "branchKeys"), version)
    );
  }

  private static DafnyMap<DafnySequence<? extends Byte>, DafnySequence<? extends Byte>> encryptionContext(JsonNode branch) {
    Map<DafnySequence<? extends Byte>, DafnySequence<? extends Byte>> context = new LinkedHashMap<>();
    Json
      .map(branch.path("encryptionContext"), JsonNode::asText)
      .forEach((name, value) -> context.put(ToDafny.Simple.DafnyUtf8Bytes(name), ToDafny.Simple.DafnyUtf8Bytes(value)));
    return new DafnyMap<>(context);
  }

  private static DafnySequence<Character> text(String value) {
    return ToDafny.Simple.CharacterSequence(value);
  }

  private static DafnySequence<? extends Byte> bytes(JsonNode holder, String name) {
    return ToDafny.Simple.ByteSequence(Json.bytes(holder, name));
  }

  private static TypeDescriptor<DafnySequence<? extends Byte>> bytesType() {
    return DafnySequence._typeDescriptor(TypeDescriptor.BYTE);
  }

  private static TypeDescriptor<DafnySequence<? extends Character>> textType() {
    return DafnySequence._typeDescriptor(TypeDescriptor.CHAR);
  }
}
