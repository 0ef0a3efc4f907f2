import { type Api, withPreAuthorized } from "./api.ts";
import type { Plan, Request } from "./registration.ts";

/** Where the command stopped, by what Graph was to do. */
export type Step = "find the server" | "register" | "make known" | "pre-authorise";

/** What was done before, for messages that say how to go on. */
export interface Progress {
  readonly step: Step;
  readonly endpoint: string;
  readonly apiClientId: string;
  readonly request: Request;
  readonly api?: Api;
  /** What is to be done for the client's registration. */
  readonly plan?: Plan;
  /** Of the registration that is there by now. */
  readonly clientId?: string;
}

/** What somebody with the rights runs. The files are for shells that treat quotes differently. */
export function byHand({ api, clientId, endpoint, plan, step }: Progress): string {
  if (api === undefined || plan === undefined || step === "find the server") {
    return "Reading registrations takes an account that is a member of the tenant (guests may not), or the Graph permission Application.Read.All.";
  }
  const id = clientId ?? plan.existing?.clientId ?? "CLIENT_ID";
  const patch = (url: string, headers: string, file: string) =>
    `az rest --method PATCH --url "${url}" --headers Content-Type=application/json${headers} --body "@${file}"`;
  const steps = {
    register: [
      "client.json holds:",
      JSON.stringify(plan.body, null, 2),
      "",
      plan.existing
        ? "One of its owners, or a Cloud Application Administrator, runs:"
        : "An Application Developer, or a Cloud Application Administrator, runs this, which prints the client id as appId:",
      `  ${patch(`${endpoint}/v1.0${plan.path}`, plan.existing ? "" : " Prefer=create-if-missing", "client.json")}`,
      "",
    ],
    "make known": [`Then, with that id:`, `  az ad sp create --id ${id}`, ""],
    "pre-authorise": [
      "api.json holds:",
      JSON.stringify(
        { api: { preAuthorizedApplications: withPreAuthorized(api, id) ?? api.preAuthorized } },
        null,
        2,
      ),
      "",
      `An owner of ${api.displayName}, or a Cloud Application Administrator, runs:`,
      `  ${patch(`${endpoint}/v1.0/applications/${api.objectId}`, "", "api.json")}`,
      "",
    ],
  };
  // Steps that are done are left out.
  const names = ["register", "make known", "pre-authorise"] as const;
  const left = names.slice(names.indexOf(step));
  const lines = left.flatMap((name) => steps[name]);
  return [
    "Ask an administrator to do what is left, or for the right to do it.",
    "",
    ...lines,
    "Then run the same command again: it finds what is there, and prints what to enter.",
  ].join("\n");
}
