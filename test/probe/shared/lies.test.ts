import { describe, expect, it } from "vitest";
import * as suite from "../../../probe/authsuite/report.ts";
import { runSuite } from "../../../probe/authsuite/suite.ts";
import { examine } from "../../../probe/doctor/examination.ts";
import * as doctor from "../../../probe/doctor/report.ts";
import { exitCodeOf } from "../../../probe/shared/report.ts";
import { verifies } from "../../requirements.ts";
import { type HostileServer, hostileServer } from "./hostile-server.ts";
import { dangerous, lies, repetitions } from "./lies.ts";

const timeout = 2_000;

/** What each program reports of a server. */
const programs = {
  authsuite: async ({ target, token }: HostileServer) => {
    const report = await runSuite({ target, token, timeout, skip: ["limits"] });
    const text = suite.textReport(report, { colour: false, secrets: [token] });
    return { text, json: suite.jsonReport(report, [token]), exitCode: exitCodeOf(report) };
  },
  doctor: async ({ target, token }: HostileServer) => {
    const asked = { target, token, origin: undefined, call: true, timeout, now: Date.now };
    const report = await examine(asked);
    const text = doctor.textReport(report, { colour: false, secrets: [token] });
    return { text, json: doctor.jsonReport(report, [token]), exitCode: exitCodeOf(report) };
  },
};

describe.each(["authsuite", "doctor"] as const)("a report of the %s", (program) => {
  const reportOn = programs[program];

  it.each(Object.entries(lies))(
    verifies(`${program}.hostile`, "is all that comes of: %s"),
    async (_, told) => {
      const server = await hostileServer(told);
      const { text, json, exitCode } = await reportOn(server);
      expect(text).not.toMatch(dangerous);
      expect(json).toMatch(/^[\n\x20-\x7e]*$/);
      expect(JSON.parse(json)).toMatchObject({ target: server.target.href, exitCode });
      expect(text.length).toBeLessThan(program === "doctor" ? 40_000 : 100_000);
      expect(text).toMatch(/\b\d+ requests\b/);
    },
  );

  it.each(repetitions)(
    verifies(`${program}.no-secrets`, "shows nothing of a token that is repeated: %s"),
    async (_, repeat) => {
      const server = await hostileServer(() => ({
        results: {
          [program === "doctor" ? "initialize" : "tools/list"]: (response) => {
            const sent = String(response.req.headers.authorization).replace(/^bearer /i, "");
            response.writeHead(500).end(JSON.stringify({ error: repeat(sent) }));
          },
        },
      }));
      const { text, json } = await reportOn(server);
      for (const shown of [text, json]) {
        if (program === "doctor") expect(shown).toContain("<token>");
        for (const piece of [server.token.slice(0, 20), server.token.slice(-20)]) {
          expect(shown).not.toContain(piece);
        }
      }
      expect(() => JSON.parse(json)).not.toThrow();
    },
  );
});
