import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ensureCertificate } from "../../../local/certificate.ts";
import { apiScope } from "../../../local/directory.ts";
import { signIn } from "../../../local/sign-in.ts";
import { catalogue } from "../../../probe/doctor/check.ts";
import { groups } from "../../../probe/doctor/checks.ts";
import { verifies } from "../../requirements.ts";
import { listen } from "../../support/listen.ts";
import { sharedStack } from "../../support/shared-stack.ts";
import { temporaryFolder } from "../../support/stack.ts";
import { root, runProbe } from "../shared/run-probe.ts";

const { running, tokenOf } = sharedStack();
let docs: string;

beforeAll(async () => {
  docs = await readFile(join(root, "docs", "doctor.md"), "utf8");
});

const doctor = runProbe.bind(undefined, "doctor");

/** What differs from run to run, as the documentation has it. */
function asDocumented(report: string): string {
  return report
    .replaceAll(new URL(running().mcp).host, "localhost:7071")
    .replaceAll(`port ${running().port}`, "port 7071")
    .replaceAll(/(?<=connection\.name +)\S.*/g, "127.0.0.1")
    .replaceAll(/\d s (?:apart|ahead|behind)$/gm, "0 s apart")
    .replaceAll(/in \d+\.\d s/g, "in 0.3 s");
}

describe("npm run doctor", () => {
  it(
    verifies(
      ["doctor.healthy", "doctor.on-behalf", "doctor.exit-code", "doctor.documented"],
      "finds nothing wrong with the laptop stack, as the documentation shows",
    ),
    async () => {
      const token = await tokenOf("user1@contoso.example");
      const args = [
        running().mcp,
        "--token=-",
        "--call",
        `--origin=${new URL(running().mcp).origin}`,
      ];
      const { code, stdout, stderr } = await doctor(args, { input: `${token}\n` });
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).not.toMatch(/^ {2}(?:FAIL|skip|\?\?\?)/m);
      expect(stdout.match(/^ {2}n\/a .*/gm)).toHaveLength(1);
      // No terminal, no colour.
      expect(stdout).not.toContain("\u001b");
      // What follows the first groups depends on the domain that is served.
      const [first, rest = ""] = asDocumented(stdout).split("\nMetadata\n");
      expect(docs).toContain(`${first}\n…\n${rest.slice(rest.lastIndexOf("\n\n") + 1)}`);
    },
  );

  it(verifies("doctor.gateway", "finds nothing wrong with the gateway"), async () => {
    const { gateway } = running();
    const { accessToken } = await signIn({
      issuer: new URL("/gateway", gateway).href,
      username: "user1@contoso.example",
      scope: apiScope,
      clientName: "Doctor",
    });
    const args = [gateway, "--token=-", "--call", `--origin=${new URL(gateway).origin}`];
    const { code, stdout } = await doctor(args, { input: `${accessToken}\n` });
    expect([code, stdout]).toEqual([0, expect.stringContaining("Nothing is wrong.")]);
    expect(stdout).not.toMatch(/^ {2}(?:FAIL|skip|\?\?\?)/m);
    expect(stdout).toContain("Microsoft Graph knows the person");

    const ofEntra = await doctor([gateway, "--token=-"], {
      input: await tokenOf("user1@contoso.example"),
    });
    expect(ofEntra.code).toBe(1);
    expect(ofEntra.stdout).toContain("The token is not for the gateway.");
  });

  it(
    verifies(
      ["doctor.first", "doctor.no-secrets", "doctor.exit-code", "doctor.documented"],
      "ends with 1 where something is wrong, as the documentation shows, and shows no token",
    ),
    async () => {
      const token = await tokenOf("user1@contoso.example");
      const { code, stdout } = await doctor([`${running().mcp}/`], { env: { MCP_TOKEN: token } });
      expect(code).toBe(1);
      for (const part of [token, ...token.split(".")]) expect(stdout).not.toContain(part);
      const report = asDocumented(stdout);
      expect(docs).toContain(
        report.slice(report.indexOf("Fix this first"), report.indexOf("\n\nConn")),
      );
    },
  );

  it(verifies(["doctor.healthy", "doctor.report"], "says it to programs, from a URL"), async () => {
    const { code, stdout } = await doctor([running().mcp, "--json"]);
    const { checks, ...head } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(head).toMatchObject({ first: null, exitCode: 0, given: { token: false } });
    expect(checks).toHaveLength(groups.flatMap(({ checks }) => checks).length);
  });

  it(verifies(["doctor.explain", "doctor.documented"], "explains as documented"), async () => {
    const { code, stdout } = await doctor(["--explain", "AADSTS9010010"]);
    expect(code).toBe(0);
    expect(docs).toContain(stdout);
  });

  it(verifies("doctor.exit-code", "says why it cannot run, and ends with 2"), async () => {
    expect(await doctor(["mcp.contoso.example"])).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "mcp.contoso.example is no http or https URL, such as https://mcp.contoso.example/mcp.\n",
    });
  });

  it(verifies("doctor.tls", "trusts a certificate that NODE_EXTRA_CA_CERTS names"), async () => {
    await using folder = await temporaryFolder();
    const { cert, key, caPath } = await ensureCertificate(folder.path);
    const server = createServer({ cert, key }, (_request, response) => response.end());
    const { port, close } = await listen(server);
    const args = [`https://127.0.0.1:${port}/mcp`, "--json"];
    try {
      const { stdout } = await doctor(args, { env: { NODE_EXTRA_CA_CERTS: caPath } });
      const checks: { id: string; outcome: string }[] = JSON.parse(stdout).checks;
      expect(checks.find(({ id }) => id === "connection.certificate")?.outcome).toBe("ok");
    } finally {
      await close();
    }
  });
});

describe("the list of checks", () => {
  it(verifies("doctor.documented", "has what each check needs, and comes after"), async () => {
    expect(docs).toContain("(../probe/doctor/checks.md)");
    const { code, stdout } = await doctor(["--list"]);
    expect([code, stdout]).toEqual([0, `${catalogue}\n`]);
    const checks = groups.flatMap((group) => group.checks);
    const needed = [...catalogue.matchAll(/^\| `.* \| (.*)\|$/gm)].map(([, cell]) => cell?.trim());
    const words = { token: "token", origin: "origin", call: "token, `--call`" };
    expect(needed).toEqual(checks.map(({ needs }) => (needs ? words[needs] : "")));
    const ids = checks.map(({ id }) => id);
    const late = checks.filter(({ after }, index) =>
      after.some((id) => !ids.slice(0, index).includes(id)),
    );
    expect(late).toEqual([]);
  });
});
