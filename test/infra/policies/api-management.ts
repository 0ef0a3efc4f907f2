import { type DeploymentName, deployments, wholeDeployments } from "../bicep/deployments.ts";
import { type Infrastructure, isType, predicted, type Resource } from "../bicep/infrastructure.ts";
import { textAt } from "../bicep/json.ts";
import { type Finding, findingAt } from "./finding.ts";
import { settingsOf, sitesOf } from "./settings.ts";

/** API Management has the server's routes, and its policy agrees with the server's settings. */
export function checkApiManagement(infrastructure: Infrastructure): Finding[] {
  return [
    ...wholeDeployments.flatMap((name) => [
      ...routes(infrastructure, name),
      ...addressLimit(infrastructure, name),
    ]),
    ...policiesIn(infrastructure, "policy").flatMap(policyText),
  ];
}

function ofType(infrastructure: Infrastructure, name: DeploymentName, type: string): Resource[] {
  return predicted(infrastructure, name).filter((each) =>
    isType(each, `Microsoft.ApiManagement/${type}`),
  );
}

function policiesIn(infrastructure: Infrastructure, name: DeploymentName): Resource[] {
  return ofType(infrastructure, name, "service/apis/policies");
}

/**
 * It has every path and method that the server has, and no other; of what is public alone the
 * methods that the server does not refuse.
 */
function routes(infrastructure: Infrastructure, name: DeploymentName): Finding[] {
  const served = infrastructure.code.routes
    .filter((route) => /^(?:GET|HEAD|OPTIONS) |^\w+ \/mcp$/.test(route))
    .filter((route) => !isOfGateway(route));
  const passed = ofType(infrastructure, name, "service/apis/operations")
    .map(
      ({ body }) =>
        `${textAt(body, "properties.method")} ${textAt(body, "properties.urlTemplate")}`,
    )
    .filter((route) => !isOfGateway(route));
  const wrong = [
    ...passed.filter((route) => !served.includes(route)).map((route) => `${route} is too much`),
    ...served.filter((route) => !passed.includes(route)).map((route) => `${route} is missing`),
  ];
  return ofType(infrastructure, name, "service/apis").flatMap((api) =>
    wrong.length > 0 ? [findingAt(api, "api-management-route", "", wrong.join("; "))] : [],
  );
}

/** A test of its own has the gateway's (test/infra/gateway.test.ts). */
function isOfGateway(route: string): boolean {
  return /\/gateway(?:\/|$)/.test(route);
}

/**
 * Behind it the server sees addresses that others may have written, so API Management counts
 * requests by address, and the server does not. The tier Consumption cannot count: there, and
 * without API Management, the server does.
 */
function addressLimit(infrastructure: Infrastructure, name: DeploymentName): Finding[] {
  const [service] = ofType(infrastructure, name, "service");
  const canCount = service !== undefined && textAt(service.body, "sku.name") !== "Consumption";
  const counter = /<rate-limit-by-key [^>]*counter-key="@\(context\.Request\.IpAddress\)"/;
  return [
    ...policiesIn(infrastructure, name)
      .filter(({ body }) => counter.test(textAt(body, "properties.value")) !== canCount)
      .map((each) => {
        const message = canCount ? "counts by no address" : "has a limit that the tier refuses";
        return findingAt(each, "api-management-address", "properties.value", message);
      }),
    ...sitesOf(infrastructure, name).flatMap((site) => {
      const limit = settingsOf(site).get("RATE_LIMIT_PER_ADDRESS") ?? "";
      if (limit === (canCount ? "0" : "")) return [];
      const path = "properties.siteConfig.appSettings RATE_LIMIT_PER_ADDRESS";
      return [findingAt(site, "api-management-address", path, `is ${limit}`)];
    }),
  ];
}

/** Every placeholder is filled in, with parameters as texts, whatever characters they have. */
function policyText(each: Resource): Finding[] {
  const policy = textAt(each.body, "properties.value");
  const { values } = deployments.policy;
  const origin = values.publicUrl.replace(/\/mcp$/, "");
  const given = [
    values.openIdConfigurationUrl,
    values.clientId,
    values.issuer,
    values.scope,
    origin,
  ];
  const problems = [
    ...[...policy.matchAll(/\{[A-Za-z]+\}/g)].map(([name]) => `${name} is not filled in`),
    ...given
      .filter((text) => policy.includes(text) || !policy.includes(escaped(text)))
      .map((text) => `${text} is not there as a text`),
  ];
  return problems.map((problem) =>
    findingAt(each, "api-management-policy", "properties.value", problem),
  );
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
