import { isDeepStrictEqual } from "node:util";
import { type Infrastructure, isType, predicted, type Resource } from "../bicep/infrastructure.ts";
import { at, listAt, textAt } from "../bicep/json.ts";
import { checkQuery } from "../queries/check.ts";
import { readVocabulary } from "../queries/vocabulary.ts";
import { type Finding, findingAt } from "./finding.ts";

const vocabulary = readVocabulary();

/** What goes wrong in ways that only an alert tells. */
const watched = [
  "failed-sign-ins",
  "server-errors",
  "host-errors",
  "latency",
  "cosmos-throttling",
  "graph-throttling",
];

/** Every query is deployed, whole, and each alert measures the one column of its query. */
export function checkQueries(infrastructure: Infrastructure): Finding[] {
  const resources = predicted(infrastructure, "everything");
  const alerts = resources.filter((each) => isType(each, "Microsoft.Insights/scheduledQueryRules"));
  const workbooks = [...resources, ...predicted(infrastructure, "gateway")].filter((each) =>
    isType(each, "Microsoft.Insights/workbooks"),
  );
  const criteria = "properties.criteria.allOf.0";
  const deployed = [
    ...alerts.map((each) => [each, textAt(each.body, `${criteria}.query`)] as const),
    ...workbooks.flatMap((each) => panelsOf(each).map((query) => [each, query] as const)),
  ];
  return [
    ...deployed.flatMap(([each, query]) => {
      // The workbook fills its own in, where it is shown.
      const open = /\{(?!TimeRange:grain\})[^}]*\}/.exec(query)?.[0];
      const message = `${open} is not filled in`;
      return open === undefined ? [] : [findingAt(each, "query-deployed", "", message)];
    }),
    ...alerts.flatMap((each) => {
      const path = `${criteria}.metricMeasureColumn`;
      const { columns } = checkQuery(textAt(each.body, `${criteria}.query`), vocabulary);
      if (isDeepStrictEqual(columns, [textAt(each.body, path)])) return [];
      return [findingAt(each, "query-deployed", path, `is none of ${columns}, or not alone`)];
    }),
    ...Object.entries(infrastructure.files)
      .filter(([file]) => file.endsWith(".kql"))
      .filter(([, text]) => !deployed.some(([, query]) => filledIn(text).test(query)))
      .map(([place]): Finding => ({ kind: "query-deployed", place, message: "is not deployed" })),
    ...watched
      .filter((name) => !alerts.some(({ body }) => textAt(body, "name").endsWith(`-${name}`)))
      .map((name): Finding => {
        return { kind: "query-deployed", place: "alerts", message: `nothing watches ${name}` };
      }),
  ];
}

function panelsOf(workbook: Resource): string[] {
  const data = JSON.parse(textAt(workbook.body, "properties.serializedData") || "{}");
  return listAt(data, "items")
    .map((item) => textAt(item, "content.query"))
    .filter((query) => query !== "");
}

/** What a query may have become, with anything for its placeholders. */
function filledIn(query: string): RegExp {
  const parts = query.replaceAll("\r\n", "\n").split(/\{\w+\}/);
  const escaped = parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".+")}$`);
}

/** Nothing of a message is logged by API Management, and neither queries nor keys by Cosmos DB. */
export function checkLogs(infrastructure: Infrastructure): Finding[] {
  return predicted(infrastructure, "everything").flatMap((each) => {
    if (isType(each, "Microsoft.ApiManagement/service/apis/diagnostics")) {
      return ["frontend", "backend"]
        .flatMap((side) => [`properties.${side}.request`, `properties.${side}.response`])
        .filter(
          (path) => !isDeepStrictEqual(at(each.body, path), { headers: [], body: { bytes: 0 } }),
        )
        .concat(at(each.body, "properties.logClientIp") === false ? [] : "properties.logClientIp")
        .map((path) =>
          findingAt(each, "log-content", path, "lets something of messages be logged"),
        );
    }
    if (isType(each, "Microsoft.DocumentDB/databaseAccounts")) {
      const path = "properties.diagnosticLogSettings";
      const message = "may have queries logged whole";
      return at(each.body, path) === undefined
        ? []
        : [findingAt(each, "log-content", path, message)];
    }
    const isCosmos =
      /\/databaseAccounts\/[^/]+\/providers\/Microsoft\.Insights\/diagnosticSettings\//;
    if (!isCosmos.test(textAt(each.body, "id"))) return [];
    // QueryRuntimeStatistics has queries, and PartitionKey… the keys, which are people's object ids.
    const categories = listAt(each.body, "properties.logs").map((log) => textAt(log, "category"));
    if (isDeepStrictEqual(categories, ["DataPlaneRequests", "ControlPlaneRequests"])) return [];
    return [findingAt(each, "log-content", "properties.logs", `logs ${categories}`)];
  });
}
