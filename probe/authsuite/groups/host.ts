import { type Exchange, excerpt } from "../../shared/exchange.ts";
import { initialize } from "../../shared/mcp-message.ts";
import { type Check, type Group, judge, judgeStatus, worstOf } from "../check.ts";
import type { Context } from "../context.ts";
import { rfc } from "../sources.ts";

const foreignHost = "attacker.example";

/** Refused by the server, or by the platform in front of it, which serves no such site. */
const refusals = [400, 403, 404, 421] as const;

function foreignHosts({ target }: Context): readonly string[] {
  const port = target.port ? `:${target.port}` : "";
  return [`${foreignHost}${port}`, `${target.hostname}.${foreignHost}${port}`];
}

/** Headers from which frameworks take the address under which they were called. */
const forwarding = {
  "X-Forwarded-Host": foreignHost,
  "X-Forwarded-Server": foreignHost,
  "X-Original-Host": foreignHost,
  "X-Host": foreignHost,
  Forwarded: `host=${foreignHost};proto=https`,
} as const;

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

const checks: readonly Check[] = [
  {
    id: "host.foreign",
    title: "Refuses a request under a foreign host name, before it looks at credentials.",
    source: rfc(9110, "7.4"),
    severity: "should",
    needs: "nothing",
    async run(context) {
      const exchanges = await Promise.all(
        foreignHosts(context).map((host) =>
          context.post({
            sent: `without credentials under the host name ${host}`,
            message: initialize,
            headers: [["Host", host]],
          }),
        ),
      );
      return worstOf(exchanges.map((exchange) => judgeStatus(exchange, ...refusals)));
    },
  },
  {
    id: "host.foreign-with-token",
    title: "Refuses a request under a foreign host name with a good token.",
    source: rfc(9110, "7.4"),
    severity: "should",
    needs: "token",
    async run(context) {
      const exchanges = await Promise.all(
        foreignHosts(context).map((host) =>
          context.post({
            sent: `with the good token under the host name ${host}`,
            authorization: `Bearer ${context.token}`,
            headers: [["Host", host]],
          }),
        ),
      );
      return worstOf(exchanges.map((exchange) => judgeStatus(exchange, ...refusals)));
    },
  },
  {
    id: "host.two",
    title: "Refuses a request with two Host headers.",
    source: rfc(9112, "3.2"),
    severity: "must",
    needs: "nothing",
    async run({ post, target }) {
      return judgeStatus(
        await post({
          sent: "without credentials, with two Host headers",
          headers: [
            ["Host", target.host],
            ["Host", foreignHost],
          ],
        }),
        ...refusals,
      );
    },
  },
  {
    id: "host.metadata",
    title: "Does not build the metadata document from the request's Host.",
    source: rfc(9728, "3.3"),
    severity: "must",
    needs: "nothing",
    async run(context) {
      const { url } = context.discovery.metadataAtPath;
      return judgeUnmentioned(
        await context.send({
          sent: `GET ${url} under the host name ${foreignHost}`,
          method: "GET",
          url: new URL(url),
          headers: [["Host", foreignHost]],
        }),
      );
    },
  },
  {
    id: "host.forwarded-challenge",
    title: "Does not build the challenge's URL from X-Forwarded-Host, Forwarded or their like.",
    source: rfc(9728, "5.1"),
    severity: "must",
    needs: "nothing",
    async run({ post }) {
      return judgeUnmentioned(
        await post({
          sent: "without credentials, with X-Forwarded-Host and its like",
          headers: Object.entries(forwarding),
        }),
      );
    },
  },
  {
    id: "host.forwarded-metadata",
    title: "Does not build the metadata document from X-Forwarded-Host, Forwarded or their like.",
    source: rfc(9728, "3.3"),
    severity: "must",
    needs: "nothing",
    async run(context) {
      const { url } = context.discovery.metadataAtPath;
      return judgeUnmentioned(
        await context.send({
          sent: `GET ${url} with X-Forwarded-Host and its like`,
          method: "GET",
          url: new URL(url),
          headers: Object.entries(forwarding),
        }),
      );
    },
  },
];

export const host: Group = { name: "host", title: "Host names", checks };
