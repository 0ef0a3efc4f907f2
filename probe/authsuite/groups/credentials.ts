import { type Exchange, statusOf } from "../../shared/exchange.ts";
import { initialize } from "../../shared/mcp-message.ts";
import {
  badToken,
  group,
  judge,
  judgeAccepted,
  judgeEach,
  judgeStatus,
  withToken,
  worstOf,
} from "../check.ts";
import type { PostRequest, TokenContext } from "../context.ts";

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

export const credentials = group("credentials", "Credentials", {
  "scheme-case": withToken(({ post, token }) =>
    judgeEach(
      ["Bearer", "bearer", "BEARER", "bEaReR"],
      (scheme) =>
        post({
          sent: `with the good token under the scheme ${scheme}`,
          authorization: `${scheme} ${token}`,
        }),
      judgeAccepted,
    ),
  ),
  "other-scheme": withToken((context) =>
    allRefused(context, {
      "the good token under the scheme Basic": `Basic ${context.token}`,
      "the good token under the scheme DPoP": `DPoP ${context.token}`,
      "the good token under the scheme Token": `Token ${context.token}`,
      "the good token without a scheme": context.token,
    }),
  ),
  query: withToken((context) =>
    judgeEach(
      ["access_token", "token"],
      (name) =>
        postWithQuery(context, name, { sent: `with the good token as ${name} in the query` }),
      judgeRefused,
    ),
  ),
  "query-beside-header": withToken(async (context) => {
    const sent = "with a bad token in the header and the good one in the query";
    const authorization = `Bearer ${badToken}`;
    return judgeRefused(await postWithQuery(context, "access_token", { sent, authorization }));
  }),
  "form-body": withToken(async ({ token, post }) => {
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
  }),
  "two-headers": withToken((context) =>
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
  ),
  "two-in-one-header": withToken((context) =>
    allRefused(context, {
      "two credentials in one header, the good token first": `Bearer ${context.token}, Bearer ${badToken}`,
      "two credentials in one header, the good token last": `Bearer ${badToken}, Bearer ${context.token}`,
      "Basic and the good token in one header": `Basic YTpi, Bearer ${context.token}`,
      "the good token and a word behind it": `Bearer ${context.token} more`,
    }),
  ),
  "identity-headers": async ({ post }) => {
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
  elsewhere: withToken(async ({ token, post }) => {
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
  }),
});
