import { isGuid } from "../../src/core/encoding.ts";
import type { Account } from "../directory.ts";
import { type Answer, contentAnswer, errorAnswer } from "./answer.ts";

/** A request for one of the resources, as far as it matters to them. */
export interface ResourceRequest {
  readonly account: Account;
  readonly query: URLSearchParams;
  readonly consistencyLevel: string | undefined;
  /** Where `@odata.context` points below: `http://localhost:PORT/v1.0/$metadata`. */
  readonly metadataUrl: string;
}

export interface Resource {
  /** The delegated permissions, any of which is enough. */
  readonly permissions: readonly string[];
  read(request: ResourceRequest): Answer;
}

/** What `/me` returns where `$select` asks for nothing else. */
const defaultProperties = [
  "businessPhones",
  "displayName",
  "givenName",
  "jobTitle",
  "mail",
  "mobilePhone",
  "officeLocation",
  "preferredLanguage",
  "surname",
  "userPrincipalName",
  "id",
];

/** Source: https://learn.microsoft.com/graph/api/user-get */
const me: Resource = {
  permissions: ["User.Read"],
  read({ account, query, metadataUrl }) {
    const refused = refuseOtherOptions(query, ["$select"]);
    if (refused) return refused;

    const user = userOf(account);
    const selected = selectOf(query);
    const properties = selected ?? defaultProperties;
    const unknown = properties.find((property) => !Object.hasOwn(user, property));
    if (unknown !== undefined) return unknownProperty(unknown, "microsoft.graph.user");
    const context = selected ? `users(${selected.join(",")})/$entity` : "users/$entity";
    return contentAnswer({
      "@odata.context": `${metadataUrl}#${context}`,
      ...Object.fromEntries(properties.map((property) => [property, user[property]])),
    });
  },
};

/**
 * Groups that a user is in, directly or through other groups. Filtering them is an advanced query.
 * Sources: https://learn.microsoft.com/graph/api/user-list-transitivememberof,
 * https://learn.microsoft.com/graph/aad-advanced-queries
 */
const transitiveGroups: Resource = {
  permissions: ["User.Read", "GroupMember.Read.All"],
  read({ account, query, consistencyLevel, metadataUrl }) {
    const refused = refuseOtherOptions(query, ["$count", "$filter", "$select"]);
    if (refused) return refused;
    if (consistencyLevel?.toLowerCase() !== "eventual" || query.get("$count") !== "true") {
      return errorAnswer(
        400,
        "Request_UnsupportedQuery",
        "The specified filter to the reference property query is currently not supported.",
      );
    }
    const selected = selectOf(query);
    const unknown = selected?.find((property) => property !== "id");
    if (unknown !== undefined) return unknownProperty(unknown, "microsoft.graph.group");

    const filter = query.get("$filter");
    const [, groupId] = /^id eq '([^']*)'$/.exec(filter ?? "") ?? [];
    if (filter !== null && groupId === undefined) {
      return errorAnswer(400, "BadRequest", `Invalid filter clause: ${filter}`);
    }
    if (groupId !== undefined && !isGuid(groupId)) {
      return errorAnswer(
        400,
        "Request_BadRequest",
        `Invalid object identifier '${groupId}' in the filter clause.`,
      );
    }
    const groups = account.groups.filter(
      (id) => groupId === undefined || id === groupId.toLowerCase(),
    );
    return contentAnswer({
      "@odata.context": `${metadataUrl}#groups${selected ? `(${selected.join(",")})` : ""}`,
      "@odata.count": groups.length,
      value: groups.map((id) => ({ id })),
    });
  },
};

/** Everything that this Graph serves, by path below the version. All are read with GET. */
export const resources: Readonly<Record<string, Resource>> = {
  "/me": me,
  "/me/transitiveMemberOf/microsoft.graph.group": transitiveGroups,
};

function userOf(account: Account): Readonly<Record<string, unknown>> {
  const [givenName, ...surname] = account.displayName.split(" ");
  return {
    businessPhones: [],
    displayName: account.displayName,
    givenName,
    jobTitle: account.jobTitle,
    mail: account.username,
    mobilePhone: null,
    officeLocation: account.officeLocation,
    preferredLanguage: null,
    surname: surname.join(" "),
    userPrincipalName: account.username,
    id: account.objectId,
    department: account.department,
  };
}

function selectOf(query: URLSearchParams): readonly string[] | undefined {
  return query
    .get("$select")
    ?.split(",")
    .map((property) => property.trim());
}

function unknownProperty(property: string, type: string): Answer {
  return errorAnswer(
    400,
    "BadRequest",
    `Parsing OData Select and Expand failed: Could not find a property named '${property}' on type '${type}'.`,
  );
}

function refuseOtherOptions(query: URLSearchParams, served: string[]): Answer | undefined {
  const option = [...query.keys()].find((name) => !served.includes(name));
  if (option === undefined) return undefined;
  return errorAnswer(400, "BadRequest", `The query option '${option}' is not served locally.`);
}
