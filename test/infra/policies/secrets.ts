import { type Infrastructure, isExpression, resourcesOf } from "../bicep/infrastructure.ts";
import { isObject, type Json, membersOf } from "../bicep/json.ts";
import { type Finding, type FindingKind, findingAt } from "./finding.ts";

/** Calls and properties that give a key, a password or a connection string with one. */
const secretReads = [
  /\blist\w*\(/i,
  /\.(?:adminPassword|connectionStrings|instrumentationKey|keys|password|primaryConnectionString|primaryKey|primaryMasterKey|primarySharedKey|secondaryConnectionString|secondaryKey|secondaryMasterKey|secondarySharedKey|secretText)\b/,
];

/** The linter's own pattern (secure-secrets-in-params), less names of what is no secret. */
const secretName = /password|pwd|secret|accountkey|acctkey|apikey|connectionstring/i;

/** Texts that look like what must not be written down. */
const secretTexts: readonly (readonly [string, RegExp])[] = [
  ["an account key", /AccountKey=(?!\{|$)/i],
  ["a shared access key", /SharedAccessKey=/i],
  ["a shared access signature", /[?&]sig=[A-Za-z0-9%]/],
  ["an Entra client secret", /(?:^|[^\w~.-])[\w~.-]{3}[78]Q~[\w~.-]{30,}/],
  ["a token", /eyJ[\w-]{10,}\.[\w-]{10,}\./],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a 64-byte key", /[A-Za-z0-9+/]{86}==/],
];

/** Nothing secret is read, given from outside, or written down, wherever in a template. */
export function checkSecrets(infrastructure: Infrastructure): Finding[] {
  const { template } = infrastructure;
  return [
    { address: "main", body: template },
    ...resourcesOf(infrastructure).map(({ address, body }) => ({ address, body })),
  ].flatMap((part) => {
    const { properties, resources: _, ...rest } = part.body;
    // What stands in modules and resources inside is theirs.
    const { template: inner, ...own } = isObject(properties) ? properties : {};
    const { resources: __, ...module } = isObject(inner) ? inner : {};
    return membersOf({ ...rest, properties: { ...own, template: module } }).flatMap((member) =>
      secretIn(member).map(([kind, message]) => findingAt(part, kind, member.path, message)),
    );
  });
}

function secretIn({
  path,
  name,
  value,
}: ReturnType<typeof membersOf>[number]): [kind: FindingKind, message: string][] {
  if (name === "keyVault") return [["secret-read", "reads a secret from a vault"]];
  if (isSecureType(name, value)) {
    return [["secret-parameter", "is secret: the deployment needs none, use an identity"]];
  }
  if (typeof value !== "string" || /\bmetadata\./.test(path)) return [];
  if (isExpression(value)) {
    const read = secretReads.map((pattern) => pattern.exec(value)?.[0]).find(Boolean);
    if (read !== undefined) return [["secret-read", `${read} reads a secret: use an identity`]];
  } else if (secretName.test(name) && value !== "") {
    return [["secret-literal", `${name} is written down`]];
  }
  const written = secretTexts.find(([, pattern]) => pattern.test(value))?.[0];
  return written === undefined ? [] : [["secret-literal", `${written} is written down`]];
}

/** The type of a parameter, an output, or a member of one that is marked `@secure()`. */
function isSecureType(name: string, value: Json): boolean {
  return name === "type" && typeof value === "string" && /^secure/i.test(value);
}
