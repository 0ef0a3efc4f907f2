import { PassThrough } from "node:stream";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { readEvents, readJson } from "../../bridge/relay/answer.ts";
import { linesOf } from "../../bridge/relay/lines.ts";
import { verifies } from "../requirements.ts";
import { answerJson, beginEvents, bridged, modern, result } from "./bridged.ts";

describe("what the client sends", () => {
  it.each([
    ["{", -32700, null],
    ["\u001b[2J", -32700, null],
    ['"text"', -32600, null],
    ["[]", -32600, null],
    ['{"id":5,"method":"tools/list"}', -32600, null],
    ['{"jsonrpc":"2.0","id":5}', -32600, 5],
    ['{"jsonrpc":"2.0","id":null,"method":"tools/list"}', -32600, null],
    ['{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}', -32600, null],
  ])(verifies("bridge.malformed", "is refused where it is %j"), async (line, code, id) => {
    await using bridge = await bridged(() => {});
    bridge.send(line, modern("next", "ping"));
    expect(await bridge.next()).toMatchObject({ id, error: { code } });
    expect(bridge.tokens.asked.length).toBeLessThanOrEqual(1);
  });

  it(
    verifies("bridge.malformed", "is refused where it is not UTF-8, and the next line is read"),
    async () => {
      await using bridge = await bridged(({ json }, response) =>
        answerJson(response, result(json.id)),
      );
      bridge.input.write(Buffer.from([0x7b, 0xff, 0x7d, 0x0a]));
      bridge.send("", modern(1, "tools/list"));
      expect(await bridge.next()).toMatchObject({ id: null, error: { code: -32700 } });
      expect(await bridge.next()).toEqual(result(1));
    },
  );

  it(
    verifies("bridge.bounds", "is kept to a length, without keeping what is too long"),
    async () => {
      const input = new PassThrough();
      const read: unknown[] = [];
      const done = (async () => {
        for await (const line of linesOf(input, 10)) read.push(line);
      })();
      for (const piece of ["12345", "67890\n", "1234567890", "1\r\n", "a\nb", "\r\n\n", "c"]) {
        input.write(piece);
      }
      input.end();
      await done;
      expect(read).toEqual(["1234567890", { fault: "too-long" }, "a", "b", "c"]);
    },
  );

  it(verifies("bridge.bounds", "leaves nothing behind on a signal that lasts"), async () => {
    await using bridge = await bridged(({ json }, response) =>
      answerJson(response, result(json.id)),
    );
    const composed = vi.spyOn(AbortSignal, "any");
    onTestFinished(() => composed.mockRestore());
    bridge.send(modern(1, "tools/list"), modern(2, "tools/list"));
    await bridge.next();
    await bridge.next();
    expect(composed).not.toHaveBeenCalled();
  });

  it(verifies("bridge.bounds", "waits in a bounded number, and an id waits once"), async () => {
    await using bridge = await bridged(() => {});
    for (let id = 0; id < 100; id++) bridge.send(modern(id, "tools/list"));
    bridge.send(modern("one more", "tools/list"));
    expect(await bridge.next()).toMatchObject({
      id: "one more",
      error: { data: { reason: "too-many-requests" } },
    });
    bridge.send(modern(7, "prompts/list"));
    expect(await bridge.next()).toMatchObject({ id: 7, error: { code: -32600 } });
  });
});

describe("what the server sends", () => {
  it.each([
    ["text/html", "<html>", "is no MCP message"],
    ["application/json", "not json", "is no answer to it"],
    ["application/json", '{"jsonrpc":"2.0","id":99,"result":{}}', "is no answer to it"],
    ["application/json", '{"jsonrpc":"2.0","id":"1","result":{}}', "is no answer to it"],
    ["application/json", '{"jsonrpc":"2.0","id":1,"method":"roots/list"}', "is no answer to it"],
    ["application/json", '[{"jsonrpc":"2.0","id":1,"result":{}}]', "is no answer to it"],
  ])(
    verifies("bridge.noise", "as %s %s never reaches standard output"),
    async (type, body, words) => {
      await using bridge = await bridged((_received, response) =>
        answerJson(response, body, 200, { "content-type": type }),
      );
      bridge.send(modern(1, "tools/list"));
      const { id, error } = await bridge.next();
      expect(id).toBe(1);
      expect(error.message).toContain(words);
      expect(bridge.unread()).toEqual([]);
    },
  );

  it(
    verifies("bridge.noise", "in a stream is dropped unless it belongs there, and logged"),
    async () => {
      await using bridge = await bridged(({ json }, response) => {
        const send = beginEvents(response);
        send("Listening on port 80");
        send('{"jsonrpc":"1.0","method":"notifications/message"}');
        send(result("somebody else's"));
        send({ jsonrpc: "2.0", id: 9, method: "sampling/createMessage" });
        send(result(json.id, { mine: true }));
        send(result(json.id, { mine: "again" }));
        response.end();
      });
      bridge.send(modern(1, "tools/list"));
      expect(await bridge.next()).toEqual(result(1, { mine: true }));
      bridge.send(modern(2, "tools/list"));
      expect(await bridge.next()).toEqual(result(2, { mine: true }));
      const logged = bridge.logged.join("\n");
      expect(logged).toContain("no JSON-RPC message");
      expect(logged).toContain("what nobody asked");
      expect(logged).toContain("this revision has none");
      expect(logged).not.toContain("port 80");
    },
  );

  it(verifies("bridge.bounds", "is kept to a length"), async () => {
    const body = (...pieces: string[]) => {
      const stream = new PassThrough();
      for (const piece of pieces) stream.write(piece);
      return stream as unknown as Parameters<typeof readJson>[0];
    };
    const tooLong = { ok: false, reason: { kind: "too-long" } };
    expect(await readJson(body("12345", "678901"), 10)).toEqual(tooLong);
    const taken = async () => false;
    expect(await readEvents(body("data: 12345", "678901"), taken, () => {}, 10)).toEqual(tooLong);
    const many = Array.from({ length: 20 }, () => "data: 1\n");
    expect(await readEvents(body(...many), taken, () => {}, 10)).toEqual(tooLong);
  });

  it(verifies("bridge.bounds", "waits until the client has read what came before"), async () => {
    const note = (text: string) => ({
      jsonrpc: "2.0",
      method: "notifications/message",
      params: { text },
    });
    let written = 0;
    let isHeldUp: () => void = () => {};
    const heldUp = new Promise<void>((resolve) => {
      isHeldUp = resolve;
    });
    await using bridge = await bridged((_received, response) => {
      const send = beginEvents(response);
      const text = "x".repeat(10_000);
      const more = () => {
        while (written < 50_000_000 && !response.writableNeedDrain) {
          written += text.length;
          send(note(text));
        }
        if (written >= 50_000_000) return isHeldUp();
        // Buffers of the system and of both sides take some; then the server has to wait.
        const timer = setTimeout(isHeldUp, 1_000);
        response.once("drain", () => {
          clearTimeout(timer);
          more();
        });
      };
      more();
    });
    bridge.output.pause();
    bridge.send(modern(1, "tools/call", { name: "talk" }));
    await heldUp;
    expect(written).toBeLessThan(20_000_000);
  });
});
