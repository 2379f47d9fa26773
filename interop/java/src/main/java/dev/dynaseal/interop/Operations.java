package dev.dynaseal.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.DynamoDbEncryption;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.itemencryptor.DynamoDbItemEncryptor;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.itemencryptor.model.DecryptItemInput;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.itemencryptor.model.DecryptItemOutput;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.itemencryptor.model.EncryptItemInput;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.itemencryptor.model.EncryptItemOutput;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.itemencryptor.model.ParsedHeader;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.DynamoDbEncryptionConfig;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.GetEncryptedDataKeyDescriptionInput;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.GetEncryptedDataKeyDescriptionUnion;

/** The operations of the protocol by name. */
final class Operations {

  private final Recent<DynamoDbItemEncryptor> encryptors = new Recent<>(
    config -> DynamoDbItemEncryptor.builder().DynamoDbItemEncryptorConfig(Configs.item(config)).build()
  );
  private final TableClient tables = new TableClient();

  JsonNode run(JsonNode request) throws Exception {
    String operation = Json.text(request, "operation");
    switch (operation) {
      case "encryptItem":
        return encryptItem(request);
      case "decryptItem":
        return decryptItem(request);
      case "describeItem":
        return describeItem(request);
      case "checkConfig":
        return tables.check(request);
      case "client":
        return tables.send(request);
      case "rewrite":
        return tables.rewrite(request);
      case "resolve":
        return tables.resolve(request);
      case "keyStore":
        return KeyStores.run(request);
      default:
        throw new IllegalArgumentException("there is no operation \"" + operation + "\"");
    }
  }

  /** {@code { config, item }} to {@code { item, header }}; no header where the policy let plaintext through. */
  private JsonNode encryptItem(JsonNode request) {
    EncryptItemOutput output = encryptor(request)
      .EncryptItem(EncryptItemInput.builder().plaintextItem(Shapes.item(Json.member(request, "item"))).build());
    return itemAndHeader(Shapes.item(output.encryptedItem()), output.parsedHeader());
  }

  private JsonNode decryptItem(JsonNode request) {
    DecryptItemOutput output = encryptor(request)
      .DecryptItem(DecryptItemInput.builder().encryptedItem(Shapes.item(Json.member(request, "item"))).build());
    return itemAndHeader(Shapes.item(output.plaintextItem()), output.parsedHeader());
  }

  private DynamoDbItemEncryptor encryptor(JsonNode request) {
    return encryptors.get(Json.member(request, "config"));
  }

  /** {@code { item }} to the descriptions of its encrypted data keys, as far as they go without a key. */
  private static JsonNode describeItem(JsonNode request) {
    GetEncryptedDataKeyDescriptionUnion item =
      GetEncryptedDataKeyDescriptionUnion.builder().item(Shapes.item(Json.member(request, "item"))).build();
    ArrayNode descriptions = Json.object().arrayNode();
    DynamoDbEncryption
      .builder()
      .DynamoDbEncryptionConfig(DynamoDbEncryptionConfig.builder().build())
      .build()
      .GetEncryptedDataKeyDescription(GetEncryptedDataKeyDescriptionInput.builder().input(item).build())
      .EncryptedDataKeyDescriptionOutput()
      .forEach(key -> {
        ObjectNode description = descriptions.addObject().put("keyProviderId", key.keyProviderId());
        putPresent(description, "keyProviderInfo", key.keyProviderInfo());
        putPresent(description, "branchKeyId", key.branchKeyId());
        putPresent(description, "branchKeyVersion", key.branchKeyVersion());
      });
    return descriptions;
  }

  private static ObjectNode itemAndHeader(ObjectNode item, ParsedHeader header) {
    ObjectNode result = Json.object();
    result.set("item", item);
    if (header != null) {
      result.set("header", header(header));
    }
    return result;
  }

  private static ObjectNode header(ParsedHeader header) {
    ObjectNode json = Json.object();
    ObjectNode actions = json.putObject("attributeActionsOnEncrypt");
    header.attributeActionsOnEncrypt().forEach((name, action) -> actions.put(name, action.toString()));
    json.put("algorithmSuiteId", Configs.suiteId(header.algorithmSuiteId()));
    json.set("storedEncryptionContext", texts(header.storedEncryptionContext()));
    json.set("encryptionContext", texts(header.encryptionContext()));
    json.set("selectorContext", Shapes.item(header.selectorContext()));
    ArrayNode keys = json.putArray("encryptedDataKeys");
    header
      .encryptedDataKeys()
      .forEach(key -> {
        ObjectNode entry = keys.addObject().put("keyProviderId", key.keyProviderId());
        entry.set("keyProviderInfo", Json.base64(key.keyProviderInfo()));
        entry.set("ciphertext", Json.base64(key.ciphertext()));
      });
    return json;
  }

  private static JsonNode texts(Map<String, String> map) {
    return Json.of(map);
  }

  private static void putPresent(ObjectNode json, String name, String value) {
    if (value != null) {
      json.put(name, value);
    }
  }
}
