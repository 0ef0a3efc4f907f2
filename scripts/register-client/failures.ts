import { whatIsStrange } from "../../infra/hooks/registered-clients/stranger.ts";
import type { RegistrationFailure } from "./api.ts";
import { byHand, type Progress, type Step } from "./by-hand.ts";

/** Why the command stopped, and how to go on. */
export function failureMessage(reason: RegistrationFailure, progress: Progress): string {
  const { clientId, request, step } = progress;
  const done =
    clientId === undefined || step === "register"
      ? "Nothing was changed."
      : `${request.client.title} is registered (client id ${clientId}), but cannot be used yet.`;
  const again = "Run the same command again: it goes on where it stopped.";
  switch (reason.kind) {
    case "no-api":
      return `The tenant has no registration with the client id ${progress.apiClientId}. ${done} Is azd signed in to the right tenant (azd auth login --tenant-id TENANT)?`;
    case "no-scope":
      return `The registration ${progress.apiClientId} has no scope user_impersonation, so it is not one of this server's. ${done} docs/registration.md says what it needs.`;
    case "somebody-elses":
      return `There is a registration ${reason.uniqueName} already (client id ${reason.clientId}), and ${whatIsStrange(reason.trait, reason.clientId)}\n${done}`;
    case "not-allowed":
      return `Microsoft Graph does not let you ${actions[step]} (${reason.status}). ${done}\n\n${byHand(progress)}`;
    case "refused":
      return `Microsoft Graph refused to ${actions[step]} (${reason.status}). ${reason.detail}\n${done} ${hints[step]}${again}`;
    case "unreachable":
      return `Microsoft Graph could not be reached: ${reason.detail}. ${done} ${again}`;
    case "unreadable":
      return `Microsoft Graph's answer was not understood: ${reason.detail}. ${done}`;
  }
}

const actions: Readonly<Record<Step, string>> = {
  "find the server": "read the server's registration",
  register: "register the client",
  "make known": "make the client's service principal",
  "pre-authorise": "change the server's registration",
};

const hints: Readonly<Record<Step, string>> = {
  "find the server": "",
  register:
    "If the name is taken by a registration that was deleted: it keeps the name for 30 days among the tenant's deleted items, where the portal restores it or deletes it for good. ",
  "make known": "",
  "pre-authorise": "",
};
