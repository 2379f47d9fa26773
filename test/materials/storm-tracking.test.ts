import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyMaterialCache } from "../../src/materials/index.ts";
import { stormTrackingFor } from "../../src/materials/storm-tracking.ts";

// @see framework/storm-tracking-cryptographic-materials-cache.md "Consistency"
describe("defaults that are derived from a time to live", () => {
  it("keep the specification's rule for every time to live", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 100_000, noNaN: true }), (ttlSeconds) => {
        const { gracePeriodSeconds, graceIntervalSeconds, inFlightTtlSeconds } = stormTrackingFor({}, ttlSeconds);
        expect(gracePeriodSeconds).toBeLessThan(ttlSeconds);
        expect(graceIntervalSeconds).toBeLessThanOrEqual(inFlightTtlSeconds);
        if (gracePeriodSeconds > 0) expect(inFlightTtlSeconds).toBeLessThanOrEqual(gracePeriodSeconds);
      }),
    );
  });

  it("are the usual ones for a long time to live", () => {
    expect(stormTrackingFor({}, 3_600)).toMatchObject({ gracePeriodSeconds: 30, graceIntervalSeconds: 5, inFlightTtlSeconds: 20 });
  });

  it("leave no grace period where it would be too short to fetch in", () => {
    expect(stormTrackingFor({}, 19).gracePeriodSeconds).toBe(0);
  });

  it("are refused where what was given contradicts them", () => {
    const cache = keyMaterialCache({ gracePeriodSeconds: 30 });
    const invalid = expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" });
    expect(() => cache.checkTtl(30)).toThrow(invalid);
    expect(() => keyMaterialCache({ inFlightTtlSeconds: 15 }).checkTtl(40)).toThrow(invalid);
    expect(() => cache.checkTtl(31)).not.toThrow();
  });
});
