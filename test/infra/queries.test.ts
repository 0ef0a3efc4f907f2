import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectFolder } from "../../local/paths.ts";
import { failureReason } from "../../src/downstream/api-failure.ts";
import { verifies } from "../requirements.ts";
import { checkQuery } from "./queries/check.ts";
import { readVocabulary } from "./queries/vocabulary.ts";

const modules = join(projectFolder, "infra/modules");
const vocabulary = readVocabulary();

/** Queries by path below infra/modules, as a deployment leaves them for the workbook to fill in. */
const queries = new Map(
  ["alerts", "dashboard"].flatMap((folder) =>
    readdirSync(join(modules, folder)).map((name) => {
      const path = `${folder}/${name}`;
      return [path, readFileSync(join(modules, path), "utf8")] as const;
    }),
  ),
);

function query(path: string): string {
  const text = queries.get(path);
  if (text === undefined) throw new Error(`There is no ${path}.`);
  return text;
}

describe("a query", () => {
  it.each([...queries])(
    verifies(
      ["infrastructure.query-columns", "infrastructure.query-events"],
      "%s names only what is there",
    ),
    (_path, text) => {
      expect(checkQuery(text, vocabulary).problems).toEqual([]);
    },
  );

  it.each([
    ["alerts/latency.kql", "AppRequests", "Requests", "table Requests"],
    ["alerts/latency.kql", "percentile(DurationMs", "percentile(Duration", "column Duration"],
    ["alerts/latency.kql", "percentile", "percentil", "function percentil"],
    ["alerts/latency.kql", "project p95Milliseconds", "project p95", "column p95"],
    ["alerts/latency.kql", "| project", "| take 5 | project", "operator take"],
    ["alerts/server-errors.kql", "sum(ItemCount)", "sum(itemCount)", "column itemCount"],
    ["alerts/server-errors.kql", "AppExceptions", "AppFailures", "table AppFailures"],
    ["alerts/server-errors.kql", "tostring(Details)", "tostring(Detail)", "column Detail"],
    ["alerts/host-errors.kql", "Category !=", "LogCategory !=", "column LogCategory"],
    ["dashboard/cosmos-operations.kql", "order by requestUnits", "order by units", "column units"],
    ["dashboard/cosmos-operations.kql", "order by", "order", "order without by"],
    ["dashboard/busiest-callers.kql", "top 50 by", "top 50", "top without by"],
    ["dashboard/cosmos-charge.kql", "by CollectionName", "by Container", "column Container"],
  ])(
    verifies("infrastructure.query-columns", "%s with %s as %s is found out"),
    (path, right, wrong, problem) => {
      expect(query(path)).toContain(right);
      const planted = query(path).replace(right, wrong);
      expect(checkQuery(planted, vocabulary).problems).toContain(problem);
    },
  );

  it.each([
    [
      "dashboard/tools.kql",
      'has "audit.tool-call"',
      'has "audit.toolcall"',
      "Message audit.toolcall",
    ],
    ["dashboard/tools.kql", '== "audit.tool-call"', '== "audit.tool"', "event audit.tool"],
    ["dashboard/tools.kql", "line.tool)", "line.toolName)", "field toolName"],
    ["dashboard/tools.kql", '"challenged"', '"asked"', "outcome asked"],
    ["dashboard/exchanges.kql", "line.correlationId", "line.requestId", "field requestId"],
    ["dashboard/refusals.kql", '"audit.approval"', '"audit.approvals"', "event audit.approvals"],
    ["dashboard/refusals.kql", "event = tostring", "what = tostring", "what for event"],
    ["alerts/failed-sign-ins.kql", '"missing-credentials"', '"no-token"', "reason no-token"],
    ["alerts/failed-sign-ins.kql", "line.outcome", "line.result", "field result"],
    ["alerts/graph-throttling.kql", '"graph-throttled"', '"graph-429"', "reason graph-429"],
    ["alerts/graph-throttling.kql", '"tool.hidden"', '"tool.absent"', "event tool.absent"],
    ["alerts/latency.kql", 'Name == "mcp"', 'Name == "endpoint"', "Name endpoint"],
  ])(
    verifies("infrastructure.query-events", "%s with %s as %s is found out"),
    (path, right, wrong, problem) => {
      expect(query(path)).toContain(right);
      const planted = query(path).replace(right, wrong);
      expect(checkQuery(planted, vocabulary).problems).toContain(problem);
    },
  );

  it(
    verifies("infrastructure.disconnects", "of server errors leaves out clients that have gone"),
    () => {
      const [, names = ""] =
        /OperationId !in \(\s*AppExceptions[^)]*\) has_any \(([^)]*)\)/.exec(
          query("alerts/server-errors.kql"),
        ) ?? [];
      // What the host's proxy blames the client for:
      // https://learn.microsoft.com/dotnet/api/yarp.reverseproxy.forwarder.forwardererror
      expect([...names.matchAll(/\w+/g)].map(([name]) => name)).toEqual([
        "RequestCanceled",
        "RequestBodyCanceled",
        "RequestBodyClient",
        "ResponseBodyCanceled",
        "ResponseBodyClient",
      ]);
    },
  );

  it(verifies("infrastructure.query-events", "knows how a failure of Graph is logged"), () => {
    expect(vocabulary.values.reason).toContain(failureReason("graph", { kind: "throttled" }));
  });
});
