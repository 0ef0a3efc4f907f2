import { excerpt } from "../../core/log.ts";
import type { Gate } from "../../gates/gate.ts";
import { headerSize, ownHeaders } from "../../gates/headers.ts";
import { knownHost } from "../../gates/host-and-origin.ts";
import type { OwnHost } from "../../gates/own-hosts.ts";
import { addressLimit } from "../../gates/rate-limits.ts";
import { formType, jsonType, smallBody } from "./body.ts";

/**
 * Registrations of one address in a minute, on one instance. People's clients come from addresses of
 * their own, or from that of a vendor who registers once for all.
 */
export const registrationsPerMinute = 5;

/**
 * Counts registrations of an address, each of which leaves a record.
 *
 * @param perAddress how many requests one address may make in a minute; 0 for no limit
 */
export function registrationLimit(perAddress: number, trustedHops: number): Gate {
  const perMinute = Math.min(registrationsPerMinute, perAddress);
  return addressLimit("registrations of the address", perMinute, trustedHops);
}

/** What the gates to the gateway's own endpoints are made of. */
export interface GatewayGateParts {
  /** The issuer's alone: its cookies and pages belong to one origin. */
  readonly hosts: readonly OwnHost[];
  /** Counts requests of an address, together with those to `/mcp`. */
  readonly address: Gate;
  /** Counts registrations of an address, each of which leaves a record. */
  readonly registrations: Gate;
}

/** The methods of an endpoint that pages of any origin may not read, as `Allow` lists them. */
export type OwnPageMethods = "GET" | "GET, POST";

/** The gates to an endpoint that a person's browser visits, from wherever, but with forms of its own alone. */
export function pageGates(
  { hosts, address }: GatewayGateParts,
  methods: OwnPageMethods,
): readonly Gate[] {
  return [
    ownHeaders,
    knownHost(hosts),
    headerSize,
    address,
    methodAmong(methods),
    ownForm,
    smallBody(formType),
  ];
}

/** The gates to an endpoint that clients call, from any page. */
export function clientGates({ hosts, address }: GatewayGateParts): readonly Gate[] {
  return [ownHeaders, knownHost(hosts), headerSize, address, smallBody(formType)];
}

/** The gates to registration. */
export function registrationGates({
  hosts,
  address,
  registrations,
}: GatewayGateParts): readonly Gate[] {
  return [ownHeaders, knownHost(hosts), headerSize, address, registrations, smallBody(jsonType)];
}

/** The gates to what anybody may read: no body is read. */
export function documentGates({ hosts, address }: GatewayGateParts): readonly Gate[] {
  return [ownHeaders, knownHost(hosts), headerSize, address];
}

/**
 * Refuses a form that another site's page sends, or that of a neighbouring host, where the browser tells
 * (https://www.w3.org/TR/fetch-metadata/, not all do). What the form holds, and the cookie that it is bound
 * to, are judged behind it in any case: this holds however a foreign page has come by them.
 */
const ownForm: Gate = {
  name: "own form",
  pass({ request: { method, headers } }) {
    const got = headers.get("sec-fetch-site") ?? "same-origin";
    if (method !== "POST" || got === "same-origin" || got === "none") return undefined;
    return { refused: { kind: "foreign-origin", got: excerpt(got) } };
  },
};

function methodAmong(allow: OwnPageMethods): Gate {
  const methods = allow.split(", ");
  return {
    name: "method",
    pass: ({ request }) =>
      methods.includes(request.method)
        ? undefined
        : { refused: { kind: "method-not-allowed", allow } },
  };
}
