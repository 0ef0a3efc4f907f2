import { describe, expect, it } from "vitest";
import type { Answer, Wish } from "../../../probe/doctor/sign-in/authorization-request.ts";
import {
  problemOfIdentifierUri,
  showRegistration,
} from "../../../probe/doctor/sign-in/identifier-uris.ts";
import { type Cause, causeOfRefusal } from "../../../probe/doctor/sign-in/resource-refusal.ts";
import { qualifierOf } from "../../../probe/shared/metadata.ts";
import { verifies } from "../../requirements.ts";

const identifierUri = "api://expenses";
const resource = "https://mcp.contoso.com/mcp";
const scope = `${identifierUri}/user_impersonation`;

/** An authority that looks at one registration's list, and at the tenant's others where `looksUp`. */
interface Directory {
  readonly listed?: readonly string[];
  /** With version 1.0 tokens, every resource is refused, or every URL. */
  readonly refuses?: "everything" | "urls";
  readonly others?: readonly string[];
  /** Whether it looks up a scope's own resource before somebody signs in. */
  readonly looksUp?: boolean;
}

const accepted: Answer = { kind: "accepted", code: "AADSTS50058", words: "login_required" };

function refused(code: string): Answer {
  return { kind: "refused", code, words: code };
}

async function causeIn(
  { listed = [], refuses, others = [], looksUp = true }: Directory,
  hasOldToken = false,
): Promise<{ cause: Cause; asked: readonly Wish[] }> {
  const asked: Wish[] = [];
  const own = [identifierUri, ...listed];
  const ask = async (wish: Wish): Promise<Answer> => {
    asked.push(wish);
    const owner = [own, others].find((uris) => uris.includes(qualifierOf(wish.scope)));
    if (wish.resource !== undefined) {
      const isRefused =
        refuses === "everything" || (refuses === "urls" && wish.resource.startsWith("https:"));
      const isMatch = owner?.includes(wish.resource) && !isRefused;
      return isMatch ? accepted : refused("AADSTS9010010");
    }
    return owner || !looksUp ? accepted : refused("AADSTS500011");
  };
  const cause = await causeOfRefusal({ scope, identifierUri, resource, hasOldToken }, ask);
  return { cause, asked };
}

describe("the cause of AADSTS9010010", () => {
  const cases: readonly [where: string, directory: Directory, cause: object][] = [
    ["is a list without anything alike", {}, { name: "uri-not-listed", isCertain: true }],
    [
      "is a slash too many in the list",
      { listed: [`${resource}/`] },
      {
        name: "uri-not-listed",
        isCertain: true,
        because: /has https:.*the trailing slash differs/,
      },
    ],
    [
      "is a list with the origin alone",
      { listed: ["https://mcp.contoso.com"] },
      {
        name: "uri-not-listed",
        isCertain: true,
        because: /has https:\/\/mcp\.contoso\.com in its place: the path differs/,
      },
    ],
    [
      "is a list with the host in other letters",
      { listed: ["https://MCP.CONTOSO.COM/mcp"] },
      { name: "uri-not-listed", isCertain: true, because: /the host's case differs/ },
    ],
    [
      "is a registration of version 1.0 tokens, of which every resource is refused",
      { listed: [resource], refuses: "everything" },
      { name: "tokens-not-v2", isCertain: false, because: /Even api:\/\/expenses/ },
    ],
    [
      "is a registration of version 1.0 tokens, of which every URL is refused",
      { listed: [resource], refuses: "urls" },
      { name: "tokens-not-v2", isCertain: true, because: /has both URIs/ },
    ],
    [
      "is another registration that has the URL",
      { others: [resource] },
      { name: "other-registration", isCertain: true },
    ],
    [
      "cannot be told where nothing is looked up before sign-in",
      { others: [resource], looksUp: false },
      { name: "uri-not-listed", isCertain: false, because: /other-registration/ },
    ],
  ];

  it.each(cases)(verifies("doctor.mismatch", "%s"), async (_, directory, expected) => {
    const { cause, asked } = await causeIn(directory);
    const because =
      "because" in expected
        ? expect.stringMatching(expected.because as RegExp)
        : expect.any(String);
    expect(cause).toEqual({ ...expected, because });
    expect(asked.length).toBeLessThan(10);
  });

  it(verifies("doctor.mismatch", "is certain by a version 1.0 token, without asking"), async () => {
    const { cause, asked } = await causeIn({ refuses: "everything" }, true);
    expect([cause.name, cause.isCertain, asked]).toEqual(["tokens-not-v2", true, []]);
  });
});

describe("an identifier URI", () => {
  it("has no slash at its end, no query and no fragment", () => {
    expect(problemOfIdentifierUri(resource)).toBeUndefined();
    for (const uri of [`${resource}/`, `${resource}?a=b`, `${resource}#a`]) {
      expect(problemOfIdentifierUri(uri)).toMatch(/^An Application ID URI /);
    }
  });

  it(verifies("doctor.hostile", "stands in a command only where a shell takes it as it is"), () => {
    expect(showRegistration(identifierUri)).toBe(
      'az ad app show --id "api://expenses" --query "{uris:identifierUris,version:api.requestedAccessTokenVersion}"',
    );
    for (const evil of [
      'api://"; rm -rf ~; "',
      "api://$(id)",
      "api://`id`",
      "api://a\nb",
      "--help",
    ]) {
      expect(showRegistration(evil)).toContain('--id "CLIENT_ID"');
    }
  });
});
