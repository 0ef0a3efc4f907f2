import type { Requirements } from "./requirement.ts";

export const registerClientRequirements = {
  "infra/clients.json": {
    "clients.known":
      "The clients known by name have an id or a registration that Entra takes: names that a list of them can hold, callbacks that Entra accepts for their platform, and a source for each.",
  },
  "https://learn.microsoft.com/graph/api/application-upsert": {
    "register-client.makes":
      "`npm run register-client -- NAME` makes a registration with the client's platform and callbacks, its service principal, and the pre-authorisation for the server's scope; a registration just made may be unknown for some seconds.",
    "register-client.repeats":
      "A second time changes nothing. Callbacks, other pre-authorised clients and names that are there stay.",
  },
  "docs/commands.md, Registering a client": {
    "register-client.callback":
      "A callback that is known only afterwards is added by a second step; one that is another place's, or that Entra would refuse, is refused with the reason, by the command, before a deployment and in the template.",
    "register-client.prints":
      "It prints the client id, the scopes with offline_access, the sign-in's URLs where the client asks for them, and where to enter each. A secret is the person's to make: it makes none and prints none.",
    "register-client.notes":
      "It notes the client in the azd environment, so that the next provisioning keeps it, and says so where it cannot, where the environment is another server's, or where ALLOWED_CLIENT_IDS leaves the client out.",
    "register-client.half":
      "A step that fails says what was done before and how to go on; without the rights, what an administrator runs.",
    "register-client.server":
      "It finds the server in the azd environment or by --api, and signs in by azd or else by the Azure CLI; where neither can, it says what is missing and changes nothing.",
    "connect.deployed":
      "`npm run connect` knows the id, the scope and the tenant of a deployed server's client from the azd environment, where it is that server's.",
  },
  "docs/deploy.md, Clients by name": {
    "clients.names":
      "`PRE_AUTHORIZED_CLIENTS` takes names and client ids, `REGISTER_CLIENTS` names with callbacks; anything else stops the deployment with the names that there are.",
    "register-client.deployed":
      "The deployment makes the registrations of `REGISTER_CLIENTS` and pre-authorises them; its hook says what to enter in each client, which callback is missing, and whom ALLOWED_CLIENT_IDS leaves out.",
    "register-client.kept":
      "Callbacks that a person has added to a client's registration in the portal, or to REGISTER_CLIENTS since the last deployment, are there after the next provisioning; those removed in the portal stay out, and what no list can hold is named.",
    "register-client.removed":
      "`azd down` removes the registrations for clients with the server's, and none that has another name or belongs to an existing registration.",
  },
  "https://learn.microsoft.com/entra/identity-platform/reply-url": {
    "register-client.stranger":
      "A registration that somebody else may have made under the client's name is not pre-authorised, neither by the command nor by a deployment, which stops: one that a stranger owns, by itself or by its service principal, and one that its maker has left or handed over with a callback of another place, or with device codes. Where nobody can look, the deployment stops too.",
  },
} satisfies Requirements;
