import { type Exchange, excerpt } from "../../shared/exchange.ts";
import { initialize } from "../../shared/mcp-message.ts";
import { group, judge, judgeEach, judgeStatus, withToken } from "../check.ts";
import type { Context, PostRequest } from "../context.ts";

const foreignHost = "attacker.example";

/** Refused by the server, or by the platform in front of it, which serves no such site. */
function judgeRefused(exchange: Exchange) {
  return judgeStatus(exchange, 400, 403, 404, 421);
}

/** Posts under foreign host names; `request` says with what else. */
function judgeForeignHosts({ target, post }: Context, request: PostRequest) {
  const port = target.port ? `:${target.port}` : "";
  return judgeEach(
    [`${foreignHost}${port}`, `${target.hostname}.${foreignHost}${port}`],
    (host) =>
      post({
        ...request,
        sent: `${request.sent} under the host name ${host}`,
        headers: [["Host", host]],
      }),
    judgeRefused,
  );
}

/** Headers from which frameworks take the address under which they were called. */
const forwarding = Object.entries({
  "X-Forwarded-Host": foreignHost,
  "X-Forwarded-Server": foreignHost,
  "X-Original-Host": foreignHost,
  "X-Host": foreignHost,
  Forwarded: `host=${foreignHost};proto=https`,
});

/** A refusal may say which name it refuses; what a client would follow stands elsewhere. */
function mentions({ answer }: Exchange): boolean {
  const headers = [...(answer?.headers ?? [])].flat();
  const document = answer && answer.status < 400 ? answer.body : "";
  return [...headers, document].some((text) => text.includes(foreignHost));
}

function judgeUnmentioned(exchange: Exchange) {
  const { answer } = exchange;
  const challenge = answer?.headers.get("www-authenticate") ?? "";
  const got = `it: ${excerpt(`${challenge} ${answer?.body ?? ""}`, 300)}`;
  return judge(!mentions(exchange), exchange, `an answer without ${foreignHost}`, got);
}

/** Asks for the metadata document with headers that name a foreign host. */
async function judgeMetadata(
  { discovery, send }: Context,
  what: string,
  headers: PostRequest["headers"] = [],
) {
  const { url } = discovery.metadataAtPath;
  const sent = `GET ${url} ${what}`;
  return judgeUnmentioned(await send({ sent, method: "GET", url: new URL(url), headers }));
}

export const host = group("host", "Host names", {
  foreign: (context) =>
    judgeForeignHosts(context, { sent: "without credentials", message: initialize }),
  "foreign-with-token": withToken((context) =>
    judgeForeignHosts(context, {
      sent: "with the good token",
      authorization: `Bearer ${context.token}`,
    }),
  ),
  two: async ({ post, target }) => {
    return judgeRefused(
      await post({
        sent: "without credentials, with two Host headers",
        headers: [
          ["Host", target.host],
          ["Host", foreignHost],
        ],
      }),
    );
  },
  metadata: (context) =>
    judgeMetadata(context, `under the host name ${foreignHost}`, [["Host", foreignHost]]),
  "forwarded-challenge": async ({ post }) => {
    const sent = "without credentials, with X-Forwarded-Host and its like";
    return judgeUnmentioned(await post({ sent, headers: forwarding }));
  },
  "forwarded-metadata": (context) =>
    judgeMetadata(context, "with X-Forwarded-Host and its like", forwarding),
});
