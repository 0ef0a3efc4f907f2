import { randomUUID } from "node:crypto";
import { excerpt } from "../../shared/exchange.ts";
import { documentOf, isOfApi, nameOf, qualifierOf, scopesOf } from "../../shared/metadata.ts";
import { check, finding, group, notApplicable, note, type Outcome, ok } from "../check.ts";
import { explainCode } from "../explain.ts";
import type { Patient } from "../patient.ts";
import { type Answer, visualStudioCode, type Wish } from "../sign-in/authorization-request.ts";
import { showRegistration } from "../sign-in/identifier-uris.ts";
import { judge } from "../sign-in/judge.ts";
import {
  type Cause,
  type CauseName,
  causeOfRefusal,
  mismatch,
} from "../sign-in/resource-refusal.ts";
import { wellKnownResource } from "../well-known.ts";

/** More scopes than a server has would make a URL that nobody accepts. */
const mostScopes = 10;

/** The API's scopes, as a client asks for them. */
async function wishOf(patient: Patient) {
  const named = scopesOf(await patient.metadata())
    .filter(isOfApi)
    .slice(0, mostScopes);
  return { scope: named.join(" "), first: named[0] ?? "" };
}

/** What an error code of Entra's means to somebody who signs in. */
function meaningOf({ code }: Answer) {
  const meanings = code === undefined ? [] : explainCode(code).meanings;
  const met = meanings.find(({ place }) => place === "sign-in");
  return {
    cause: met?.meaning ?? "The authority's answer says no more than that.",
    remedy:
      met?.remedy ??
      "Look the error up in the authority's documentation, and in its sign-in log, which has the request.",
  };
}

/** Where the authority says nothing without a person, the checks below have nothing to go by. */
function silent({ words }: Answer): Outcome {
  return notApplicable(`the authority does not judge a request without a person (${words})`);
}

/** Of the same host, so that nothing but the path tells it apart. */
function nobodysUrl(resource: string): string {
  return new URL(`/${randomUUID()}`, resource).href;
}

async function signInResource(patient: Patient): Promise<Outcome> {
  const client = await patient.knownClient();
  if (client.kind !== "accepted") return silent(client);
  const resource = patient.target.href;
  const { scope, first } = await wishOf(patient);
  const identifierUri = qualifierOf(first);
  const registration = registrationOf(patient, identifierUri);
  const wish = { scope, resource };

  const judged = await judge(patient.askToSignIn, wish, { scope, resource: nobodysUrl(resource) });
  if (judged.kind === "unclear") return silent(judged.answer);
  if (judged.kind === "accepted") {
    return ok(
      `accepted beside the scope; a URL that nobody registered is not: ${judged.control.words}`,
    );
  }
  if (judged.kind === "unseen") {
    const how =
      judged.answer.code === undefined ? "" : ` In the tenant: ${showRegistration(registration)}`;
    return note(
      `cannot be seen from outside: the authority accepts a URL that nobody registered, too.${how}`,
    );
  }
  const { answer } = judged;
  const ask = (further: Wish) => patient.askToSignIn(further, judged.prompt);

  const what = "Clients that send the server's URL as resource cannot sign in.";
  const evidence = `scope ${excerpt(scope, 200)}, resource ${resource}: ${answer.words}`;
  if (answer.code !== mismatch) return finding({ what, evidence, ...meaningOf(answer) });

  const { aud, ver } = patient.jwt?.claims ?? {};
  // A version 1.0 token names an identifier URI as its audience; one of another API says nothing here.
  const hasOldToken = ver === "1.0" && (aud === identifierUri || aud === resource);
  const cause = await causeOfRefusal({ scope, identifierUri, resource, hasOldToken }, ask);
  const uri = excerpt(identifierUri, 120);
  return finding({
    what,
    evidence,
    cause: `${cause.name} (${cause.isCertain ? "certain" : "likely"}): ${reasonOf(cause.name, resource, uri)} ${cause.because}`,
    remedy: `${remedyOf(cause, resource, uri)} Only somebody with rights in the tenant sees the list and the version: ${showRegistration(registration)}`,
  });
}

/** By what to look the API's registration up: the audience of a version 2.0 token is its client id. */
function registrationOf({ jwt }: Patient, identifierUri: string): string {
  const { aud, ver } = jwt?.claims ?? {};
  const isClientId = ver === "2.0" && typeof aud === "string" && !wellKnownResource(aud);
  return isClientId ? aud : identifierUri;
}

function reasonOf(name: CauseName, resource: string, identifierUri: string): string {
  switch (name) {
    case "uri-not-listed":
      return `the registration of ${identifierUri} does not have ${resource} in identifierUris, letter by letter.`;
    case "tokens-not-v2":
      return "the registration's tokens are not version 2.0 ones, and Entra matches no resource with such a registration.";
    case "other-registration":
      return "the scope belongs to another registration than the resource.";
  }
}

function remedyOf({ name, isCertain }: Cause, resource: string, identifierUri: string): string {
  const other = `see ${showRegistration(resource)}`;
  switch (name) {
    case "uri-not-listed":
      return `Add ${resource} to the identifierUris of that registration, beside ${identifierUri} (docs/deploy.md#identifier-uris).${isCertain ? "" : ` Another registration may have to give it up first: ${other}.`}`;
    case "tokens-not-v2":
      return `Set "requestedAccessTokenVersion": 2 below api in the registration's manifest (docs/deploy.md#identifier-uris), then run the doctor again: the list is not judged before.`;
    case "other-registration":
      return `Take ${resource} out of the other registration (${other}) and add it to the one of ${identifierUri}; or, if the other one is the server's, set ENTRA_CLIENT_ID and ENTRA_IDENTIFIER_URI to that.`;
  }
}

/** Which clients a gateway takes that it has not been told of. */
async function takenClients(patient: Patient): Promise<Outcome> {
  const document = documentOf(await patient.issuerDocument());
  const ways = [
    ...(document?.client_id_metadata_document_supported === true ? ["known by a document"] : []),
    ...(document?.registration_endpoint === undefined ? [] : ["that register themselves"]),
  ];
  return ways.length === 0
    ? note("takes none but those that it has been told of (GATEWAY_CLIENTS)")
    : ok(`takes clients ${ways.join(", and those ")}`);
}

export const signIn = group("sign-in", "Sign-in", {
  client: check({ after: ["authority.issuer"] }, async (patient) => {
    const { client = visualStudioCode } = patient;
    if (!patient.client && (await patient.isGateway())) return takenClients(patient);
    const answer = await patient.knownClient();
    const name = patient.client ? client.id : "Visual Studio Code";
    if (answer.kind === "accepted") return ok(`${name} at ${client.redirectUri}: ${answer.words}`);
    if (answer.kind === "unclear") return silent(answer);
    // Every tenant of Entra knows Visual Studio Code; other authorities need not.
    if (!patient.client && answer.code === undefined) {
      return notApplicable(
        `the authority does not know ${name} (${answer.words}); give --client-id and --redirect-uri`,
      );
    }
    return finding({
      what: "The authority refuses the client, whatever it asks for.",
      evidence: `client ${client.id}, redirect URI ${client.redirectUri}: ${answer.words}`,
      ...meaningOf(answer),
    });
  }),
  scope: check(
    { after: ["sign-in.client", "metadata.registration"], ofEntra: true },
    async (patient) => {
      const client = await patient.knownClient();
      if (client.kind !== "accepted") return silent(client);
      const { scope, first } = await wishOf(patient);
      const nobodys = `api://${randomUUID()}/${nameOf(first)}`;
      const judged = await judge(patient.askToSignIn, { scope }, { scope: nobodys });
      switch (judged.kind) {
        case "unclear":
          return silent(judged.answer);
        case "refused":
          return finding({
            what: "The authority refuses the scope before anybody signs in.",
            evidence: `scope ${excerpt(scope, 200)}: ${judged.answer.words}`,
            ...meaningOf(judged.answer),
          });
        case "accepted":
          return ok(`accepted; one that nobody registered is not: ${judged.control.words}`);
        case "unseen":
          return note(
            "cannot be seen from outside: the authority accepts a scope that nobody registered, too, and looks it up after sign-in",
          );
      }
    },
  ),
  resource: check({ after: ["sign-in.scope"], ofEntra: true }, signInResource),
});
