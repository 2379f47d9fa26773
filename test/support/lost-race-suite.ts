import { DynamoDBClient, type UpdateItemCommand, type UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import { requestOptions } from "../../src/tables/index.ts";
import type { ClientServer } from "./client-server.ts";
import { clientOptions } from "./client-tables.ts";
import { guardedFixture, N, update } from "./guarded-fixture.ts";

/** Guarded writes that others race with, or whose answers are lost, over one server. */
export function lostRaceSuite(start: () => Promise<ClientServer>): void {
  const { server, wrap, put, get, operations } = guardedFixture(start);

  describe("a lost race", () => {
    const raise = (id: string, more: Partial<UpdateItemCommandInput> = {}): UpdateItemCommand =>
      update(id, "SET balance = balance + :n", { ":n": N(1) }, more);
    /** Somebody else writes between the read and the write, as often as told. */
    const rivals = (id: string, times: number): (() => number) => {
      let done = 0;
      const rival = wrap();
      intercepted = async () => {
        if (done >= times) return;
        done++;
        await rival.send(raise(id));
      };
      return () => done;
    };
    let intercepted: (() => Promise<void>) | undefined;
    /** A client of another process: no queue is shared. */
    const racer = (options: Partial<EncryptedClientOptions> = {}): DynamoDBClient => {
      const base = new DynamoDBClient(server().config);
      base.middlewareStack.add(
        (next, context) => async (args) => {
          if (context["commandName"] === "UpdateItemCommand") await intercepted?.();
          return next(args);
        },
        { step: "initialize" },
      );
      return encryptedClient(base, { ...clientOptions, ...options });
    };

    test("is run again on what the other one wrote", async () => {
      await put("raced");
      const count = rivals("raced", 3);
      await racer().send(raise("raced"));
      expect(count()).toBe(3);
      expect(await get("raced")).toMatchObject({ balance: N(14) });
    });

    test("again and again ends, with nothing written", async () => {
      await put("contended");
      rivals("contended", 100);
      const client = racer({ maxUpdateAttempts: 2 });
      await expect(client.send(raise("contended"))).rejects.toMatchObject({ code: "ERR_UPDATE_CONTENDED", details: { attempts: 2 } });
      const patient = raise("contended", requestOptions({ maxUpdateAttempts: 3 }));
      await expect(client.send(patient)).rejects.toMatchObject({ code: "ERR_UPDATE_CONTENDED", details: { attempts: 3 } });
      intercepted = undefined;
      expect(await get("contended")).toMatchObject({ balance: N(15) });
    });

    test("does not happen inside one client", async () => {
      await put("queued");
      server().proxy.requests.length = 0;
      const client = wrap();
      await Promise.all(Array.from({ length: 20 }, () => client.send(raise("queued"))));
      expect(await get("queued")).toMatchObject({ balance: N(30) });
      expect(operations().filter((operation) => operation === "UpdateItem").length).toBe(20);
    });
  });

  describe("a write whose answer is lost", () => {
    /** Lets writes through, or not, and loses the answers; then runs what others do. */
    const losing = (lands: boolean, meanwhile: () => Promise<unknown>): DynamoDBClient => {
      const base = new DynamoDBClient(server().config);
      let lost = false;
      base.middlewareStack.add(
        (next, context) => async (args) => {
          if (context["commandName"] !== "UpdateItemCommand" || lost) return next(args);
          lost = true;
          if (lands) await next(args);
          await meanwhile();
          throw Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
        },
        { step: "initialize" },
      );
      return encryptedClient(base, clientOptions);
    };
    const raise = (id: string): UpdateItemCommand =>
      update(id, "SET balance = balance + :n", { ":n": N(1) }, { ReturnValues: "UPDATED_NEW" });

    test("is found done", async () => {
      await put("landed");
      const { Attributes } = await losing(true, async () => undefined).send(raise("landed"));
      expect(Attributes).toEqual({ balance: N(11) });
      expect(await get("landed")).toMatchObject({ balance: N(11) });
    });

    test("is found not done, and repeated", async () => {
      await put("dropped");
      expect((await losing(false, async () => undefined).send(raise("dropped"))).Attributes).toEqual({ balance: N(11) });
      expect(await get("dropped")).toMatchObject({ balance: N(11) });
    });

    test.each([true, false])("is not repeated where others have written since (landed: %s)", async (lands) => {
      const id = `overwritten ${lands}`;
      await put(id);
      const updating = losing(lands, () => wrap().send(raise(id))).send(raise(id));
      await expect(updating).rejects.toMatchObject({ code: "ERR_UPDATE_OUTCOME_UNKNOWN", details: { tableName: "customers" } });
      expect(await get(id)).toMatchObject({ balance: N(lands ? 12 : 11) });
    });
  });
}
