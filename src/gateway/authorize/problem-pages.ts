import { isTransient, problemInWords } from "../../core/client-documents/problem.ts";
import type { Answer } from "../../core/endpoint.ts";
import type { ClientProblem } from "../clients/clients.ts";
import type { ParameterProblem } from "../http/handler.ts";
import { errorPage } from "../pages/page.ts";
import type { RequestProblem } from "./authorization-request.ts";
import type { SignInProblem } from "./sign-ins.ts";

const retryAfterSeconds = 10;
const startAgain = "Go back to the application and start again from there.";

/** What is out of reach here may be back soon; nothing has been given to anybody. */
export function unavailablePage(): Answer {
  return errorPage({
    status: 503,
    message: `This server cannot let anybody in right now. Try again in a minute: ${startAgain}`,
    retryAfterSeconds,
  });
}

/** For whoever reads the address, or wrote the client: nobody has been asked for anything yet. */
export function requestProblemPage(problem: RequestProblem): Answer {
  switch (problem.kind) {
    case "parameters":
      return requestPage(parametersInWords(problem.problem));
    case "parameter":
      return requestPage(`${problem.error}: ${problem.parameter} ${problem.rule}.`);
    case "client":
      return clientProblemPage(problem.problem);
  }
}

function requestPage(forDevelopers: string): Answer {
  return errorPage({
    message:
      "The application that sent you here made a mistake in its request, so you are not signed in. Tell its makers what is below.",
    forDevelopers,
  });
}

function parametersInWords(problem: ParameterProblem): string {
  return problem.kind === "repeated"
    ? `invalid_request: ${problem.name} must not be sent more than once.`
    : "invalid_request: the parameters cannot be read.";
}

export function clientProblemPage(problem: ClientProblem): Answer {
  switch (problem.kind) {
    case "unknown-client":
      return errorPage({
        message: `This server does not know the application that sent you here. ${startAgain}`,
        forDevelopers:
          "client_id is neither registered here nor the URL of a client's document. Registrations that are not used expire: register again.",
      });
    case "client-not-allowed":
      return errorPage({
        message:
          "The people who run this server have not allowed the application that sent you here. Ask them.",
      });
    case "client-document":
      return errorPage({
        message:
          "The application that sent you here cannot be recognised by the document that it names.",
        forDevelopers: problemInWords(problem.problem),
        ...(isTransient(problem.problem) && { status: 503, retryAfterSeconds }),
      });
    case "store":
      return unavailablePage();
  }
}

/** A form that was not shown in this browser for this request, or lay too long. */
export function formProblemPage(kind: "expired" | "foreign"): Answer {
  return errorPage({
    message:
      kind === "expired"
        ? `The page was open for too long. ${startAgain}`
        : `What was sent is not what this browser was shown, or the browser keeps no cookies of this server. Nobody has been let in. ${startAgain}`,
  });
}

/** Where no client may be told, or none is known. */
export function signInProblemPage({ kind }: SignInProblem): Answer {
  switch (kind) {
    case "no-sign-in":
      return errorPage({
        message: `This sign-in has been used already, or is older than ten minutes. If the application is connected, close this page. Otherwise: ${startAgain}`,
      });
    case "other-browser":
      return errorPage({
        message: `This sign-in was not begun in this browser, or the browser keeps no cookies of this server. If somebody sent you here by a link, close this page. Otherwise: ${startAgain}`,
      });
    case "entra-error":
    case "not-accepted":
      return errorPage({
        message:
          "Microsoft did not sign you in to this server. Try again, or ask the people who run it.",
      });
    case "upstream":
    case "store":
    case "keys":
      return unavailablePage();
  }
}
