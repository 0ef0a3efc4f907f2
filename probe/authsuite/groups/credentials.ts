import { statusOf } from "../../shared/exchange.ts";
import { initialize } from "../../shared/mcp-message.ts";
import { type Check, type Group, judge, judgeAccepted, judgeStatus, worstOf } from "../check.ts";
import type { TokenContext } from "../context.ts";
import { easyAuthHeaders, mcpAuthorization, rfc } from "../sources.ts";

/** A bearer credential that no server accepts, of a form that every header may have. */
const badCredential = "Bearer authsuite.not-a.token";

/** RFC 6750 section 3.1 has 400 for a malformed request, and 401 for a token that is not valid. */
const refusals = [400, 401] as const;

/** Each of these is refused, whichever of its credentials a server looks at. */
async function allRefused(
  context: TokenContext,
  credentials: Readonly<Record<string, string | readonly string[]>>,
) {
  const exchanges = await Promise.all(
    Object.entries(credentials).map(([what, authorization]) =>
      context.post({ sent: `with ${what}`, authorization }),
    ),
  );
  return worstOf(exchanges.map((exchange) => judgeStatus(exchange, ...refusals)));
}

const checks: readonly Check[] = [
  {
    id: "credentials.scheme-case",
    title: "Reads the scheme in any case: Bearer, bearer, BEARER, bEaReR.",
    source: rfc(9110, "11.1"),
    severity: "must",
    needs: "token",
    async run(context) {
      const exchanges = await Promise.all(
        ["Bearer", "bearer", "BEARER", "bEaReR"].map((scheme) =>
          context.post({
            sent: `with the good token under the scheme ${scheme}`,
            authorization: `${scheme} ${context.token}`,
          }),
        ),
      );
      return worstOf(exchanges.map(judgeAccepted));
    },
  },
  {
    id: "credentials.other-scheme",
    title: "Refuses a good token under another scheme, or under none.",
    source: rfc(6750, "2.1"),
    severity: "must",
    needs: "token",
    run: (context) =>
      allRefused(context, {
        "the good token under the scheme Basic": `Basic ${context.token}`,
        "the good token under the scheme DPoP": `DPoP ${context.token}`,
        "the good token under the scheme Token": `Token ${context.token}`,
        "the good token without a scheme": context.token,
      }),
  },
  {
    id: "credentials.query",
    title: "Does not accept a good token in the query.",
    source: rfc(6750, "2.3"),
    severity: "must",
    needs: "token",
    async run(context) {
      const exchanges = await Promise.all(
        ["access_token", "token"].map((name) => {
          const url = new URL(context.target);
          url.searchParams.set(name, context.token);
          const sent = `with the good token as ${name} in the query`;
          return context.post({ sent, url, secrets: [context.token] });
        }),
      );
      return worstOf(exchanges.map((exchange) => judgeStatus(exchange, ...refusals)));
    },
  },
  {
    id: "credentials.query-beside-header",
    title: "Does not let a good token in the query make up for a bad one in the header.",
    source: rfc(6750, "2"),
    severity: "must",
    needs: "token",
    async run(context) {
      const url = new URL(context.target);
      url.searchParams.set("access_token", context.token);
      return judgeStatus(
        await context.post({
          sent: "with a bad token in the header and the good one in the query",
          url,
          authorization: badCredential,
          secrets: [context.token],
        }),
        ...refusals,
      );
    },
  },
  {
    id: "credentials.form-body",
    title: "Does not accept a good token in a form body.",
    source: rfc(6750, "2.2"),
    severity: "should",
    needs: "token",
    async run({ token, post }) {
      const send = (what: string, access_token: string) =>
        post({
          sent: `with ${what} in a form body`,
          message: {
            method: "a form",
            headers: [["Content-Type", "application/x-www-form-urlencoded"]],
            body: new URLSearchParams({ access_token }).toString(),
          },
          secrets: [access_token],
        });
      const [good, bad] = await Promise.all([
        send("the good token", token),
        send("a bad token", "authsuite.not-a.token"),
      ]);
      // A form is no MCP message: that it is refused does not show that its token was not looked at.
      return worstOf([
        judgeStatus(good, 400, 401, 415),
        judge(statusOf(good) === statusOf(bad), good, `${statusOf(bad)}, as with a bad token`),
      ]);
    },
  },
  {
    id: "credentials.two-headers",
    title: "Refuses two Authorization headers, in whichever order.",
    source: rfc(6750, "3.1"),
    severity: "should",
    needs: "token",
    run: (context) =>
      allRefused(context, {
        "two Authorization headers, the good token first": [
          `Bearer ${context.token}`,
          badCredential,
        ],
        "two Authorization headers, the good token last": [
          badCredential,
          `Bearer ${context.token}`,
        ],
      }),
  },
  {
    id: "credentials.two-in-one-header",
    title: "Refuses several credentials in one Authorization header, in whichever order.",
    source: rfc(9110, "11.6.2"),
    severity: "should",
    needs: "token",
    run: (context) =>
      allRefused(context, {
        "two credentials in one header, the good token first": `Bearer ${context.token}, ${badCredential}`,
        "two credentials in one header, the good token last": `${badCredential}, Bearer ${context.token}`,
        "Basic and the good token in one header": `Basic YTpi, Bearer ${context.token}`,
        "the good token and a word behind it": `Bearer ${context.token} more`,
      }),
  },
  {
    id: "credentials.identity-headers",
    title: "Does not believe headers in which a proxy would name the person.",
    source: easyAuthHeaders,
    severity: "must",
    needs: "nothing",
    async run({ post }) {
      const principal = Buffer.from('{"auth_typ":"aad","claims":[]}').toString("base64");
      return judgeStatus(
        await post({
          sent: "without credentials, with X-MS-CLIENT-PRINCIPAL and its like",
          message: initialize,
          headers: [
            ["X-MS-CLIENT-PRINCIPAL", principal],
            ["X-MS-CLIENT-PRINCIPAL-ID", "00000000-0000-4000-8000-000000000001"],
            ["X-MS-CLIENT-PRINCIPAL-NAME", "admin@contoso.example"],
            ["X-MS-CLIENT-PRINCIPAL-IDP", "aad"],
            ["X-Forwarded-User", "admin"],
            ["X-Forwarded-Email", "admin@contoso.example"],
            ["X-Auth-Request-User", "admin"],
            ["Remote-User", "admin"],
          ],
        }),
        401,
      );
    },
  },
  {
    id: "credentials.elsewhere",
    title: "Does not accept a good token in a cookie or in another header.",
    source: mcpAuthorization("Token Requirements"),
    severity: "must",
    needs: "token",
    async run({ token, post }) {
      const places = {
        Cookie: `access_token=${token}; token=${token}`,
        "X-Access-Token": token,
        "X-Forwarded-Access-Token": token,
        "X-MS-TOKEN-AAD-ACCESS-TOKEN": token,
        "Proxy-Authorization": `Bearer ${token}`,
      };
      const exchanges = await Promise.all(
        Object.entries(places).map((header) =>
          post({
            sent: `with the good token in the header ${header[0]}`,
            headers: [header],
            secrets: [token],
          }),
        ),
      );
      return worstOf(exchanges.map((exchange) => judgeStatus(exchange, ...refusals)));
    },
  },
];

export const credentials: Group = { name: "credentials", title: "Credentials", checks };
