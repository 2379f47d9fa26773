package dev.dynaseal.interop;

import com.fasterxml.jackson.databind.JsonNode;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.GetPrefix;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.GetSegment;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.GetSegments;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.GetSubstring;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.GetSuffix;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.Insert;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.Lower;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.Upper;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.VirtualPart;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.VirtualTransform;

/** The parts of a virtual field and what is done to their values. */
final class Transforms {

  private Transforms() {}

  static VirtualPart part(JsonNode part) {
    var builder = VirtualPart.builder().loc(Json.text(part, "loc"));
    Json.ifPresent(part, "trans", list -> builder.trans(Json.list(list, Transforms::transform)));
    return builder.build();
  }

  private static VirtualTransform transform(JsonNode transform) {
    var builder = VirtualTransform.builder();
    Json.ifPresent(transform, "upper", any -> builder.upper(Upper.builder().build()));
    Json.ifPresent(transform, "lower", any -> builder.lower(Lower.builder().build()));
    Json.ifPresent(transform, "insert", of -> builder.insert(Insert.builder().literal(Json.text(of, "literal")).build()));
    Json.ifPresent(transform, "prefix", of -> builder.prefix(GetPrefix.builder().length(number(of, "length")).build()));
    Json.ifPresent(transform, "suffix", of -> builder.suffix(GetSuffix.builder().length(number(of, "length")).build()));
    Json.ifPresent(
      transform,
      "substring",
      of -> builder.substring(GetSubstring.builder().low(number(of, "low")).high(number(of, "high")).build())
    );
    Json.ifPresent(
      transform,
      "segment",
      of -> builder.segment(GetSegment.builder().split(Json.text(of, "split")).index(number(of, "index")).build())
    );
    Json.ifPresent(
      transform,
      "segments",
      of ->
        builder.segments(
          GetSegments.builder().split(Json.text(of, "split")).low(number(of, "low")).high(number(of, "high")).build()
        )
    );
    return builder.build();
  }

  private static int number(JsonNode of, String name) {
    return Json.member(of, name).asInt();
  }
}
