import { type Exchange, statusOf } from "../../shared/exchange.ts";
import { initialize } from "../../shared/mcp-message.ts";
import {
  badToken,
  type Check,
  type Group,
  judge,
  judgeAccepted,
  judgeEach,
  judgeStatus,
  worstOf,
} from "../check.ts";
import type { PostRequest, TokenContext } from "../context.ts";
import { easyAuthHeaders, mcpAuthorization, rfc } from "../sources.ts";

/** RFC 6750 section 3.1 has 400 for a malformed request, and 401 for a token that is not valid. */
function judgeRefused(exchange: Exchange) {
  return judgeStatus(exchange, 400, 401);
}

/** Each of these is refused, whichever of its credentials a server looks at. */
function allRefused(
  context: TokenContext,
  credentials: Readonly<Record<string, string | readonly string[]>>,
) {
  return judgeEach(
    Object.entries(credentials),
    ([what, authorization]) => context.post({ sent: `with ${what}`, authorization }),
    judgeRefused,
  );
}

/** Posts with the good token in the query; `request` says with what else. */
function postWithQuery({ target, token, post }: TokenContext, name: string, request: PostRequest) {
  const url = new URL(target);
  url.searchParams.set(name, token);
  return post({ ...request, url, secrets: [token] });
}

const checks: readonly Check[] = [
  {
    id: "credentials.scheme-case",
    title: "Reads the scheme in any case: Bearer, bearer, BEARER, bEaReR.",
    must: rfc(9110, "11.1"),
    needs: "token",
    run: ({ post, token }) =>
      judgeEach(
        ["Bearer", "bearer", "BEARER", "bEaReR"],
        (scheme) =>
          post({
            sent: `with the good token under the scheme ${scheme}`,
            authorization: `${scheme} ${token}`,
          }),
        judgeAccepted,
      ),
  },
  {
    id: "credentials.other-scheme",
    title: "Refuses a good token under another scheme, or under none.",
    must: rfc(6750, "2.1"),
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
    must: rfc(6750, "2.3"),
    needs: "token",
    run: (context) =>
      judgeEach(
        ["access_token", "token"],
        (name) =>
          postWithQuery(context, name, { sent: `with the good token as ${name} in the query` }),
        judgeRefused,
      ),
  },
  {
    id: "credentials.query-beside-header",
    title: "Does not let a good token in the query make up for a bad one in the header.",
    must: rfc(6750, "2"),
    needs: "token",
    async run(context) {
      const sent = "with a bad token in the header and the good one in the query";
      const authorization = `Bearer ${badToken}`;
      return judgeRefused(await postWithQuery(context, "access_token", { sent, authorization }));
    },
  },
  {
    id: "credentials.form-body",
    title: "Does not accept a good token in a form body.",
    should: rfc(6750, "2.2"),
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
        send("a bad token", badToken),
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
    should: rfc(6750, "3.1"),
    needs: "token",
    run: (context) =>
      allRefused(context, {
        "two Authorization headers, the good token first": [
          `Bearer ${context.token}`,
          `Bearer ${badToken}`,
        ],
        "two Authorization headers, the good token last": [
          `Bearer ${badToken}`,
          `Bearer ${context.token}`,
        ],
      }),
  },
  {
    id: "credentials.two-in-one-header",
    title: "Refuses several credentials in one Authorization header, in whichever order.",
    should: rfc(9110, "11.6.2"),
    needs: "token",
    run: (context) =>
      allRefused(context, {
        "two credentials in one header, the good token first": `Bearer ${context.token}, Bearer ${badToken}`,
        "two credentials in one header, the good token last": `Bearer ${badToken}, Bearer ${context.token}`,
        "Basic and the good token in one header": `Basic YTpi, Bearer ${context.token}`,
        "the good token and a word behind it": `Bearer ${context.token} more`,
      }),
  },
  {
    id: "credentials.identity-headers",
    title: "Does not believe headers in which a proxy would name the person.",
    must: easyAuthHeaders,
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
    must: mcpAuthorization("Token Requirements"),
    needs: "token",
    async run({ token, post }) {
      const places = {
        Cookie: `access_token=${token}; token=${token}`,
        "X-Access-Token": token,
        "X-Forwarded-Access-Token": token,
        "X-MS-TOKEN-AAD-ACCESS-TOKEN": token,
        "Proxy-Authorization": `Bearer ${token}`,
      };
      return judgeEach(
        Object.entries(places),
        (header) =>
          post({
            sent: `with the good token in the header ${header[0]}`,
            headers: [header],
            secrets: [token],
          }),
        judgeRefused,
      );
    },
  },
];

export const credentials: Group = { name: "credentials", title: "Credentials", checks };
