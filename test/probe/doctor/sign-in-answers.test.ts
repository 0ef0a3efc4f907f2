import { describe, expect, it } from "vitest";
import {
  authorizationUrl,
  readAnswer,
  visualStudioCode,
} from "../../../probe/doctor/sign-in/authorization-request.ts";
import type { Exchange } from "../../../probe/shared/exchange.ts";
import { verifies } from "../../requirements.ts";

const endpoint = new URL(
  "https://login.microsoftonline.com/7a3c1f58-94d2-4f0e-8b61-0d5e2c9b4a17/oauth2/v2.0/authorize",
);
const trace =
  "Trace ID: 11111111-2222-4333-8444-555555555500 Correlation ID: 11111111-2222-4333-8444-555555555555 Timestamp: 2026-11-20 10:00:00Z";

interface Got {
  readonly status: number;
  readonly location?: string;
  readonly type?: string;
  readonly body?: string;
}

function exchangeOf({ status, location, type = "text/html; charset=utf-8", body = "" }: Got) {
  const headers = new Headers({ "content-type": type });
  if (location !== undefined) headers.set("location", location);
  const exchange: Exchange = {
    sent: "authorization request",
    url: endpoint.href,
    secrets: [],
    answer: { status, headers, body, complete: true },
    problem: undefined,
  };
  return exchange;
}

function redirect(parameters: Readonly<Record<string, string>>, before = "?"): Got {
  const { redirectUri } = visualStudioCode;
  return { status: 302, location: `${redirectUri}${before}${new URLSearchParams(parameters)}` };
}

/** Entra's pages hold what they show in a script. */
function page(config: object, status = 200): Got {
  const body = `<!DOCTYPE html><html dir="ltr" lang="en"><head><title>Sign in to your account</title>
<script type="text/javascript">//<![CDATA[
$Config=${JSON.stringify(config)};
//]]></script></head><body></body></html>`;
  return { status, body };
}

const silent = `AADSTS50058: A silent sign-in request was sent but no user is signed in. ${trace}`;
const mismatch = `AADSTS9010010: The resource parameter provided in the request doesn't match with the requested scopes. ${trace}`;

/** What Entra answers to what, by its documentation and as issue threads quote it. */
const answers: Readonly<Record<string, readonly [got: Got, kind: string, code?: string]>> = {
  "nobody signed in, told to the client": [
    redirect({ error: "login_required", error_description: silent, state: "x" }),
    "accepted",
    "AADSTS50058",
  ],
  "a person's consent missing, told to the client": [
    redirect({ error: "interaction_required", error_description: "AADSTS65001: No consent." }),
    "accepted",
    "AADSTS65001",
  ],
  "nobody signed in, from an authority without codes of its own": [
    redirect({ error: "login_required" }),
    "accepted",
  ],
  "the mismatch, told to the client": [
    redirect({ error: "invalid_target", error_description: mismatch }),
    "refused",
    "AADSTS9010010",
  ],
  "the mismatch, told behind the hash": [
    redirect({ error: "invalid_target", error_description: mismatch }, "#"),
    "refused",
    "AADSTS9010010",
  ],
  "an unknown redirect URI, on a page": [
    page({
      pgid: "ConvergedError",
      strMainMessage: "We're unable to complete your request",
      strServiceExceptionMessage:
        "AADSTS50011: The redirect URI 'https://vscode.dev/redirect' specified in the request does not match the redirect URIs configured for the application.",
      iErrorCode: 50011,
    }),
    "refused",
    "AADSTS50011",
  ],
  "a code as a number alone, on a page": [
    page({ pgid: "ConvergedError", sErrorCode: "700016" }, 400),
    "refused",
    "AADSTS700016",
  ],
  "a message as text alone, on a page": [
    { status: 400, body: `<h1>Sign-in failed</h1><dd>AADSTS90002</dd>` },
    "refused",
    "AADSTS90002",
  ],
  "the sign-in page all the same": [
    page({ pgid: "ConvergedSignIn", sErrorCode: "50058", sErrTxt: "" }),
    "accepted",
    "AADSTS50058",
  ],
  "a sign-in page that tells nothing": [page({ pgid: "ConvergedSignIn" }), "unclear"],
  "a page before the sign-in page": [page({ pgid: "BssoInterrupt" }), "unclear"],
  "an error as JSON": [
    {
      status: 400,
      type: "application/json; charset=utf-8",
      body: JSON.stringify({
        error: "invalid_resource",
        error_description: `AADSTS500011: The resource principal named https://mcp.contoso.com/mcp was not found in the tenant named Contoso. ${trace}`,
        error_codes: [500011],
      }),
    },
    "refused",
    "AADSTS500011",
  ],
  "another sign-in page elsewhere": [
    { status: 302, location: "https://adfs.contoso.com/adfs/oauth2/authorize?client_id=x" },
    "unclear",
  ],
  "a code after all": [redirect({ code: "0.AXo" }), "unclear"],
  "a redirect that leads nowhere": [{ status: 302, location: "http://[" }, "unclear"],
  "no such page": [{ status: 404 }, "unclear"],
};

describe("an answer to an authorization request", () => {
  it.each(Object.entries(answers))(
    verifies("doctor.sign-in-answers", "is understood: %s"),
    (_, [got, kind, code]) => {
      expect(readAnswer(exchangeOf(got), visualStudioCode, "none")).toMatchObject({ kind, code });
    },
  );

  it(verifies("doctor.sign-in-answers", "may be the sign-in page, where that is asked for"), () => {
    const kindOf = (got: Got) => readAnswer(exchangeOf(got), visualStudioCode, "page").kind;
    expect(kindOf(page({ pgid: "ConvergedSignIn" }))).toBe("accepted");
    expect(kindOf({ status: 200, type: "application/json", body: "{}" })).toBe("unclear");
    expect(kindOf({ status: 404, body: "<html>" })).toBe("unclear");
  });

  it(verifies("doctor.sign-in-answers", "may be none at all"), () => {
    const problem = { kind: "timeout", words: "no end within 10 s" } as const;
    const nothing = { ...exchangeOf({ status: 200 }), answer: undefined, problem };
    expect(readAnswer(nothing, visualStudioCode, "none")).toEqual({
      kind: "unclear",
      code: undefined,
      words: "no end within 10 s",
    });
  });
});

it(
  verifies("doctor.sign-in-silent", "asks so that nobody is asked, and nothing comes of it"),
  () => {
    const wish = {
      scope: "api://expenses/user_impersonation",
      resource: "https://mcp.contoso.com/mcp",
    };
    const asked = new URL(`${endpoint}?dc=1#x`);
    const [first, second] = [1, 2].map(() =>
      authorizationUrl(asked, visualStudioCode, wish, "none"),
    );
    const {
      code_challenge: challenge,
      state,
      ...parameters
    } = Object.fromEntries(first?.searchParams ?? []);
    expect(parameters).toEqual({
      dc: "1",
      client_id: "aebc6443-996d-45c2-90f0-388ff96faa56",
      redirect_uri: "https://vscode.dev/redirect",
      response_type: "code",
      response_mode: "query",
      prompt: "none",
      code_challenge_method: "S256",
      ...wish,
    });
    expect(first?.hash).toBe("");
    expect(challenge).toMatch(/^[\w-]{43}$/);
    expect(second?.searchParams.get("code_challenge")).not.toBe(challenge);
    expect(second?.searchParams.get("state")).not.toBe(state);
    const page = authorizationUrl(asked, visualStudioCode, wish, "page");
    expect(page.searchParams.has("prompt")).toBe(false);
  },
);
